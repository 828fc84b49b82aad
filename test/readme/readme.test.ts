// The README and the pages of the manual are run: every command block, in order, as a reader would; and what they name
// exists.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTree } from '../../src/cli/main.ts';
import { hasCurl } from '../support/curl.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** The README and the manual: each page stands in the folder that it is about. */
const PAGES = [
  'README.md',
  ...['client', 'server', 'cluster', 'log', 'protocol', 'websocket'].map((name) => `src/${name}/README.md`),
  'test/bench/README.md',
];
const pages = PAGES.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
const readme = pages[0]?.text ?? '';
const whole = pages.map(({ text }) => text).join('\n');
const blocks = [...whole.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body.trim());
/** Those that stay until they are told to go. */
const STAYS = /roomchat (serve|join lobby$)|^curl -N /;

describe('the command blocks', () => {
  let folder: string;
  let port: number;
  let env: NodeJS.ProcessEnv;
  const staying: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'roomchat-readme-'));
    port = await freePort();
    const bin = join(folder, 'bin');
    await mkdir(bin);
    // What `npm install -g` would put there.
    await writeFile(join(bin, 'roomchat'), `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/bin/roomchat.js" "$@"\n`);
    await chmod(join(bin, 'roomchat'), 0o755);
    env = {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      XDG_DATA_HOME: join(folder, 'share'),
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      ROOMCHAT_SERVER: `127.0.0.1:${port}`,
    };
  });

  afterAll(async () => {
    await Promise.all(staying.map(endGroup));
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts a command that stays, and resolves when it says what shows that it is there. */
  function stay(command: string, sign: RegExp): Promise<void> {
    const child = spawn('bash', ['-c', `exec ${command}`], { cwd: ROOT, env, stdio: 'pipe', detached: true });
    staying.push(child);
    return new Promise((done, fail) => {
      let output = '';
      const hear = (data: Buffer): void => {
        output += data.toString();
        if (sign.test(output)) done();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('exit', (code) => fail(new Error(`${command} ended with ${code}: ${output}`)));
    });
  }

  it('are there', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(6);
  });

  it.each(blocks)('run: %s', async (block) => {
    for (const line of block.split('\n')) {
      // This very run stands on it.
      if (line === 'npm ci') continue;
      if (line.startsWith('curl ') && !hasCurl) continue;
      const command = line.replace('--port 8080', `--port ${port}`).replace('127.0.0.1:8080', `127.0.0.1:${port}`);
      if (STAYS.test(command)) await stay(command, /listening on|You are|"type":"message"/);
      else
        await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', command], { cwd: ROOT, env, timeout: 20_000 });
    }
  });
});

describe('what it names', () => {
  it.each(pages)('every link of $path leads somewhere, to its heading too', ({ path, text }) => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^\w+:/.test(link));
    const dead = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? join(ROOT, path) : join(ROOT, dirname(path), file);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  it('the README links every page of the manual', () => {
    expect(PAGES.slice(1).filter((path) => !readme.includes(`](${path}`))).toEqual([]);
  });

  it('every command and flag is in it', () => {
    const missing: string[] = [];
    for (const command of commandTree().commands) {
      const names = [command.name(), ...command.commands.map((child) => child.name())];
      const flags = command.options.map((option) => option.long ?? '');
      missing.push(
        ...[...names, ...flags].filter((word) => !readme.includes(`\`${word}`) && !readme.includes(`${word} `)),
      );
    }
    expect(missing).toEqual([]);
  });

  it.each(
    [...whole.matchAll(/<!-- include: (\S+) -->\n\n```\w*\n([\s\S]*?)```/g)].map(([, file = '', body = '']) => [
      file,
      body,
    ]),
  )('shows %s as it is', (file, body) => {
    expect(body).toBe(readFileSync(join(ROOT, file), 'utf8'));
  });
});

/** As a repository's web page makes them of headings. */
function anchorsOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** `npx` does not pass a signal on to what it has started: all of its group is told, and waited for. */
async function endGroup({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined) return;
  for (let signal: NodeJS.Signals | 0 = 'SIGTERM'; ; signal = 0) {
    try {
      process.kill(-pid, signal);
    } catch {
      return;
    }
    await pause(50);
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object' ? done(address.port) : fail(new Error('no port')),
      );
    });
  });
}
