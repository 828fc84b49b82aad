// What is installed: the packed tarball holds what is needed and nothing else, and works in a folder that knows nothing
// of the checkout.

import { copyFile, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { run } from '../../support/command.ts';
import { startServer } from '../../support/server-process.ts';

/** What is used at run time, with what that needs in turn. */
const AT_RUN_TIME = [
  ...['jetstream', 'kv', 'nats-core', 'nkeys', 'nuid', 'transport-node'].map((name) => `@nats-io/${name}`),
  'commander',
  'tweetnacl',
];

let folder: string;
let tarball: string;
let files: string[];

/** npm, quiet, with no more of the network than a package that it has never seen. */
const npm = (args: readonly string[], cwd: string) =>
  execa('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline'], { cwd, stdin: 'ignore' });

/** The names of the packages that are installed there, sorted. */
async function packagesIn(modules: string): Promise<string[]> {
  const names = (await readdir(modules)).filter((name) => !name.startsWith('.'));
  const whole = names.map(async (name) =>
    name.startsWith('@') ? (await readdir(join(modules, name))).map((inner) => `${name}/${inner}`) : [name],
  );
  return (await Promise.all(whole)).flat().sort();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roomchat-package-'));
  // Without its scripts: `prepare` would build anew what other tests are running.
  const { stdout } = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], resolve('.'));
  const [packed] = JSON.parse(stdout);
  tarball = join(folder, packed.filename);
  files = packed.files.map((file: { path: string }) => file.path);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('holds the command, its build, the manual, and what a package says of itself', async () => {
  // Users never see a stack trace, so they need no source maps.
  const built = (await readdir('dist', { recursive: true }))
    .filter((name) => /\.(js|html|ts)$/.test(name))
    .map((name) => `dist/${name}`);
  const bin = ['client.js', 'prepare.js', 'roomchat.js', 'server.js'].map((name) => `bin/${name}`);
  const examples = ['bot.js', 'bridge.js'].map((name) => `src/client/examples/${name}`);
  const pages = ['client', 'cluster', 'log', 'protocol', 'server', 'websocket'].map((name) => `src/${name}/README.md`);
  const manual = [...pages, 'README.md', 'test/bench/README.md', 'test/readme/page.png', 'test/readme/session.svg'];
  expect(files.sort()).toEqual(
    [...bin, ...built, ...examples, ...manual, 'CHANGELOG.md', 'LICENSE', 'package.json'].sort(),
  );
});

it('is a sound package to publint', async () => {
  const { stdout } = await execa('node_modules/.bin/publint', ['run', '--strict', tarball]);
  expect(stdout).toMatch(/All good!/);
});

it('needs commander and the client of NATS at run time, in exactly these releases', () => {
  const names = ['@nats-io/jetstream', '@nats-io/kv', '@nats-io/transport-node', 'commander'];
  expect(Object.keys(packageJson.dependencies)).toEqual(names);
  for (const release of Object.values(packageJson.dependencies)) expect(release).toMatch(/^\d+\.\d+\.\d+$/);
});

describe('installed from the tarball', () => {
  let bin: string;

  beforeAll(async () => {
    const home = join(folder, 'home');
    await cp(tarball, join(home, 'roomchat.tgz'));
    await npm(['install', './roomchat.tgz'], home);
    bin = join(home, 'node_modules', '.bin', 'roomchat');
  });

  it('starts and chats', async () => {
    expect((await execa(bin, ['--version'])).stdout).toBe(packageJson.version);
    const server = await startServer({ command: [bin, 'serve'] });
    const said = await run(['say', 'lobby', 'hello', '--server', server.url], { command: [bin] });
    expect(said).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await server.printed(/lobby: <[^>]+> hello\n/);
    const rooms = await run(['admin', 'rooms', '--server', server.url], { command: [bin], env: server.env });
    expect(rooms.stdout).toMatch(/\nlobby /);
    expect(await (await fetch(server.url)).text()).toMatch(/^<!doctype html>/);
    expect(await server.stop()).toBe(0);
  });

  it('is imported as roomchat/client, with types that the strictest compiler takes, and nothing else of it is', async () => {
    const home = join(folder, 'home');
    await cp('test/support/consumer.ts', join(home, 'consumer.ts'));
    for (const name of ['bot', 'bridge']) {
      await cp(join(home, 'node_modules/roomchat/src/client/examples', `${name}.js`), join(home, `${name}.js`));
    }
    await writeFile(join(home, 'package.json'), '{"type":"module"}');
    const types = ['--typeRoots', resolve('node_modules/@types'), '--types', 'node'];
    const common = ['--ignoreConfig', '--module', 'nodenext', '--target', 'es2023', '--strict', ...types];
    const tsc = (...args: string[]) =>
      execa(
        'node_modules/.bin/tsc',
        [...common, ...args.map((arg) => (/\.[jt]s$/.test(arg) ? join(home, arg) : arg))],
        {
          reject: false,
        },
      );
    // With the package's own declarations checked as well.
    const strictest = ['--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--verbatimModuleSyntax'];
    expect((await tsc(...strictest, '--skipLibCheck', 'false', 'consumer.ts')).stdout).toBe('');
    const loose = ['--noEmit', '--checkJs', '--noImplicitAny', 'false', '--useUnknownInCatchVariables', 'false'];
    expect((await tsc(...loose, 'bot.js', 'bridge.js')).stdout).toBe('');
    const { stdout } = await execa(process.execPath, ['consumer.js'], { cwd: home });
    expect(stdout).toMatch(/^The server cannot be reached: nothing listens there /);
    const inside = await execa(process.execPath, ['-e', "import('roomchat/dist/cli.js')"], {
      cwd: home,
      reject: false,
    });
    expect(inside.stderr).toMatch(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
  }, 120_000);

  it('installs nothing that it does not need', async () => {
    expect(await packagesIn(join(folder, 'home', 'node_modules'))).toEqual([...AT_RUN_TIME, 'roomchat'].sort());
  });

  it('gets the releases of the client of NATS that were tested, which still run on Node 20', async () => {
    const release = async (name: string, home: string): Promise<string> =>
      JSON.parse(await readFile(join(home, 'node_modules', name, 'package.json'), 'utf8')).version;
    for (const name of AT_RUN_TIME.filter((each) => each.startsWith('@nats-io/'))) {
      expect([name, await release(name, join(folder, 'home'))]).toEqual([name, await release(name, resolve('.'))]);
    }
  });
});

describe('the checkout', () => {
  it('runs the command with npx', async () => {
    const { stdout } = await execa('npx', ['--no-install', 'roomchat', '--version'], { stdin: 'ignore' });
    expect(stdout).toBe(packageJson.version);
  });

  it('is not built again by npx, under the feet of whoever runs it', async () => {
    const built = () => stat('dist/cli.js').then(({ ino, mtimeMs }) => ({ ino, mtimeMs }));
    const before = await built();
    // npx installs the checkout itself where it has not yet, and that prepares it.
    await execa('npx', ['--no-install', 'roomchat', '--version'], {
      stdin: 'ignore',
      env: { npm_config_cache: join(folder, 'cache') },
    });
    await execa(process.execPath, ['bin/prepare.js']);
    expect(await built()).toEqual(before);
  });

  it('has a server and a client of their own: node bin/server.js, node bin/client.js lobby', async () => {
    const server = await startServer({ command: [process.execPath, 'bin/server.js'] });
    const client = { command: [process.execPath, 'bin/client.js'] } as const;
    const ended = await run(['a/b', '--server', server.url], client);
    expect([ended.exitCode, ended.stderr]).toEqual([
      2,
      expect.stringMatching(/^roomchat: This room name is not allowed/),
    ]);
    const help = await run(['--help'], client);
    expect(help.stdout).toMatch(/^Usage: roomchat join /);
    await server.stop();
  });

  it('installs without the development packages: prepare has nothing to build with, and does not fail', async () => {
    const copy = join(folder, 'copy');
    await cp('bin', join(copy, 'bin'), { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) await copyFile(name, join(copy, name));
    await npm(['ci', '--omit=dev'], copy);
    expect(await packagesIn(join(copy, 'node_modules'))).toEqual(AT_RUN_TIME);
  });
});
