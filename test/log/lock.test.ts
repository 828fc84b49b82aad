import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { DataDirectoryInUse } from '../../src/log/index.ts';
import { takeLockFile } from '../../src/log/lock-file.ts';
import { buildChild, type Child, kill, startChild } from './children.ts';
import { opened, temporaryFolder } from './support.ts';

let built: { folder: string; script: string };
beforeAll(async () => {
  built = await buildChild();
});
afterAll(() => rmSync(built.folder, { recursive: true, force: true }));

async function holder(path: string): Promise<Child> {
  const child = await startChild(built.script, 'hold', path);
  onTestFinished(() => kill(child));
  return child;
}

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
  await opened(join(parent, 'link'));
});

it('is not kept by a start that failed after it was taken', async () => {
  const path = temporaryFolder();
  mkdirSync(join(path, 'secret'));
  await expect(opened(path)).rejects.toThrow('is not a file');
  rmSync(join(path, 'secret'), { recursive: true });
  await opened(path);
});

it('as a file: names its holder, goes at release, and leaves nothing else behind', async () => {
  const path = temporaryFolder();
  const lock = await takeLockFile(path);
  expect(readFileSync(join(path, 'lock'), 'utf8').startsWith(`${process.pid} `)).toBe(true);
  await expect(takeLockFile(path)).rejects.toThrow(DataDirectoryInUse);
  expect(readdirSync(path)).toEqual(['lock']);
  await lock.release();
  expect(readdirSync(path)).toEqual([]);
});

it('as a file: is taken from a server that is gone, and from a pid that is another program now', async () => {
  const path = temporaryFolder();
  const gone = await holder(join(path, 'elsewhere'));
  await kill(gone);
  for (const left of [
    `${gone.process.pid} Mon Jan  1 00:00:00 2024\n`,
    `${process.pid} Mon Jan  1 00:00:00 2024\n`,
    '',
  ]) {
    writeFileSync(join(path, 'lock'), left);
    const lock = await takeLockFile(path);
    await lock.release();
  }
});
