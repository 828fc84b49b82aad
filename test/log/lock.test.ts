import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DataDirectoryInUse } from '../../src/log/index.ts';
import { takeLock } from '../../src/log/lock.ts';
import { writeProcessFile } from '../../src/log/lock-file.ts';
import { identityOf } from '../../src/log/process-identity.ts';
import { isRoot, NOBODY } from '../support/other-user.ts';
import { hasProgram } from '../support/program.ts';
import { buildChild, type Child, kill, startChild, startProgram } from './children.ts';
import { oldLockName, startSquatter } from './squatter.ts';
import { opened, temporaryFolder } from './support.ts';

let built: { folder: string; script: string };
beforeAll(async () => {
  built = await buildChild();
});
afterAll(() => rmSync(built.folder, { recursive: true, force: true }));

async function stopped(starting: Promise<Child>): Promise<Child> {
  const child = await starting;
  onTestFinished(() => kill(child));
  return child;
}

const holder = (path: string): Promise<Child> => stopped(startChild(built.script, 'hold', path));

const takeAsFile = (path: string) => takeLock(path, async (folder, name) => writeProcessFile(folder, name));

it('is given to one server at a time, and taken back from one that was killed', async () => {
  const path = join(temporaryFolder(), 'data');
  const first = await holder(path);
  expect(first.said).toBe('held');
  const before = readdirSync(path, { recursive: true });
  const second = await holder(path);
  expect(second.said).toBe('DataDirectoryInUse');
  expect(readdirSync(path, { recursive: true })).toEqual(before);
  await kill(first);
  expect((await holder(path)).said).toBe('held');
});

it('is one lock for every path to a directory, and goes with close', async () => {
  const parent = temporaryFolder();
  const path = join(parent, 'data');
  const { directory } = await opened(path);
  symlinkSync(path, join(parent, 'link'));
  await expect(opened(join(parent, 'link'))).rejects.toThrow(DataDirectoryInUse);
  await directory.close();
  expect(readdirSync(path).sort()).toEqual(['admin.token', 'rooms', 'secret']);
  await opened(join(parent, 'link'));
});

it('is not kept by a start that failed after it was taken', async () => {
  const path = temporaryFolder();
  mkdirSync(join(path, 'secret'));
  await expect(opened(path)).rejects.toThrow('is not a file');
  rmSync(join(path, 'secret'), { recursive: true });
  await opened(path);
});

it('is held by a server that is stopped and answers nobody', async () => {
  const path = temporaryFolder();
  const first = await holder(path);
  first.process.kill('SIGSTOP');
  expect((await holder(path)).said).toBe('DataDirectoryInUse');
});

it('holds at a path that is longer than the path of a socket can be', async () => {
  const path = join(temporaryFolder(), 'x'.repeat(200), 'data');
  const { directory } = await opened(path);
  const [entry = ''] = readdirSync(join(path, 'lock'));
  expect(lstatSync(join(path, 'lock', entry)).isSocket()).toBe(true);
  await expect(opened(path)).rejects.toThrow(DataDirectoryInUse);
  await directory.close();
  await opened(path);
});

it.each(['a link to nothing', 'a link to a folder', 'an old file', 'a folder with something else'])(
  'is not kept by %s in its place',
  async (what) => {
    const path = temporaryFolder();
    const lock = join(path, 'lock');
    if (what === 'a link to nothing') symlinkSync('/nonexistent', lock);
    else if (what === 'a link to a folder') symlinkSync(temporaryFolder(), lock);
    else if (what === 'an old file') writeFileSync(lock, '');
    else {
      mkdirSync(lock);
      writeFileSync(join(lock, 'x'), 'something');
    }
    await opened(path);
    await expect(opened(path)).rejects.toThrow(DataDirectoryInUse);
  },
);

it.each([
  ['sockets', (path: string) => takeLock(path)],
  ['files', takeAsFile],
])('of many that find a dead entry at once, by %s, one gets in', async (_, take) => {
  const path = temporaryFolder();
  for (let round = 0; round < 20; round += 1) {
    mkdirSync(join(path, 'lock'));
    writeFileSync(join(path, 'lock', 'dead'), '1 1\nanother boot\n');
    const tried = await Promise.allSettled(Array.from({ length: 10 }, () => take(path)));
    const got = tried.filter(({ status }) => status === 'fulfilled');
    expect(got).toHaveLength(1);
    for (const result of tried) {
      if (result.status === 'fulfilled') await result.value.release();
      else expect(result.reason).toBeInstanceOf(DataDirectoryInUse);
    }
    expect(readdirSync(path)).toEqual([]);
  }
});

describe('as a file, where there are no sockets', () => {
  it('names its holder, goes at release, and leaves nothing else behind', async () => {
    const path = temporaryFolder();
    const lock = await takeAsFile(path);
    const [entry = ''] = readdirSync(join(path, 'lock'));
    expect(readFileSync(join(path, 'lock', entry), 'utf8').startsWith(`${process.pid} `)).toBe(true);
    await expect(takeAsFile(path)).rejects.toThrow(DataDirectoryInUse);
    expect(readdirSync(path)).toEqual(['lock']);
    await lock.release();
    expect(readdirSync(path)).toEqual([]);
  });

  it('is taken from a server that is gone, from a pid that is another program now, and from another boot', async () => {
    const path = temporaryFolder();
    const gone = await holder(join(path, 'elsewhere'));
    const was = identityOf(gone.process.pid ?? 0);
    await kill(gone);
    const me = identityOf(process.pid);
    for (const left of [
      `${was?.pid} ${was?.started}\n${was?.boot}\n`,
      `${me?.pid} 1\n${me?.boot}\n`,
      `${me?.pid} ${me?.started}\nanother boot\n`,
      '',
    ]) {
      mkdirSync(join(path, 'lock'));
      writeFileSync(join(path, 'lock', 'entry'), left);
      const lock = await takeAsFile(path);
      await lock.release();
    }
    writeFileSync(join(path, 'lock'), `${me?.pid} ${me?.started}\n`);
    await expect(takeAsFile(path), 'the file of 0.1').rejects.toThrow(DataDirectoryInUse);
  });
});

// The lock was a name that anybody on the machine could take, and look up, once they could see the folder.
describe('cannot be taken by somebody who may only look at the folder', () => {
  it.runIf(isRoot())('neither before a server starts nor after one was killed', async () => {
    const path = temporaryFolder();
    chmodSync(path, 0o755);
    const squatter = await stopped(startSquatter(path));
    expect(squatter.said).toBe('squats');
    const first = await holder(path);
    expect(first.said).toBe('held');
    expect((await holder(path)).said).toBe('DataDirectoryInUse');
    await kill(first);
    expect((await holder(path)).said).toBe('held');
  });

  it.runIf(isRoot())('nor may they ask the one who holds it', async () => {
    const path = temporaryFolder();
    chmodSync(path, 0o755);
    await opened(path);
    const [entry = ''] = readdirSync(join(path, 'lock'));
    const asks = `require('node:net').connect(process.argv[1], () => console.log('in')).on('error', (e) => console.log(e.code))`;
    const asker = await stopped(startProgram([process.execPath, '-e', asks, join(path, 'lock', entry)], NOBODY));
    expect(asker.said).toBe('EACCES');
  });

  it.runIf(process.platform === 'linux')('but is respected where a server of 0.1 of this user has it', async () => {
    const path = temporaryFolder();
    const listen = (): Promise<Server> =>
      new Promise((resolve, reject) => {
        const server = createServer();
        server.once('error', reject);
        server.listen(`\0${oldLockName(path)}`, () => resolve(server));
      });
    const old = await listen();
    await expect(opened(path)).rejects.toThrow(DataDirectoryInUse);
    expect(readdirSync(path)).toEqual([]);
    await new Promise((resolve) => old.close(resolve));
    await opened(path);
    await expect(listen(), 'an old one that starts later').rejects.toThrow('EADDRINUSE');
  });
});

it('keeps apart two containers that share the directory', async (context) => {
  const contained = ['unshare', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'] as const;
  if (!hasProgram('unshare') || (await stopped(startProgram([...contained, 'echo', 'may']))).said !== 'may') {
    console.warn('SKIPPED: containers that share a directory; this user may make none.');
    context.skip();
  }
  const path = temporaryFolder();
  const first = await stopped(startProgram([...contained, process.execPath, built.script, 'hold', path]));
  expect(first.said).toBe('held');
  expect((await holder(path)).said).toBe('DataDirectoryInUse');
  await kill(first);
});
