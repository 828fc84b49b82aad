import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { AppendError, DataDirectoryError } from '../../src/log/index.ts';
import { buildChild } from './children.ts';
import { durable, nobody, opened, readAll, temporaryFolder } from './support.ts';
import { line, rises, seqs } from './support-lines.ts';

function smallDisk(): string | undefined {
  const path = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=700', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', path]));
  return path;
}

it('a full disk refuses a message, and the room goes on once there is room', async ({ skip }) => {
  const path = smallDisk();
  if (path === undefined) return skip('cannot mount a tmpfs here');
  const { directory } = await opened(join(path, 'data'), { sync: 'always' });
  const log = await directory.create('lobby', { created: 5 }, nobody);
  writeFileSync(join(path, 'ballast'), Buffer.alloc(200_000));
  const accepted: string[] = [];
  const append = (seq: number) => {
    const text = line(seq, 'x'.repeat(1000 + seq));
    log.append(Buffer.from(text), seq);
    accepted.push(text);
  };
  append(1);
  // The mark is in its place then, and takes no more space.
  await durable(log);
  expect(() => {
    for (let seq = 2; ; seq += 1) append(seq);
  }).toThrow(AppendError);
  const file = join(path, 'data', 'rooms', 'lobby', 'log.ndjson');
  expect(accepted.length).toBeGreaterThan(50);
  expect(readFileSync(file, 'utf8')).toBe(accepted.join(''));
  // Who joins can still read.
  await log.close();
  const again = await directory.open('lobby', nobody);
  expect(await readAll(again)).toBe(accepted.join(''));
  expect(() => again.append(Buffer.from(line(again.lastSeq + 1)), again.lastSeq + 1)).toThrow(AppendError);
  // A new room cannot be made, and leaves the others alone.
  await expect(directory.create('second', { created: 5 }, nobody)).rejects.toThrow('ENOSPC');
  rmSync(join(path, 'ballast'));
  const added = line(again.lastSeq + 1);
  again.append(Buffer.from(added), again.lastSeq + 1);
  accepted.push(added);
  await durable(again);
  expect(await readAll(again)).toBe(accepted.join(''));
  expect(directory.has('second')).toBe(false);
  await directory.create('second', { created: 5 }, nobody);
});

it('a full disk at the start is said in a sentence', async ({ skip }) => {
  const path = smallDisk();
  if (path === undefined) return skip('cannot mount a tmpfs here');
  mkdirSync(join(path, 'data'));
  expect(() => {
    for (let i = 0; ; i += 1) writeFileSync(join(path, `ballast-${i}`), Buffer.alloc(4096));
  }).toThrow('ENOSPC');
  const failed = opened(join(path, 'data'));
  await expect(failed).rejects.toThrow(DataDirectoryError);
  await expect(failed).rejects.toMatchObject({ code: 'no_space' });
});

it('a limit on the size of files refuses a message and kills nobody', async () => {
  const { folder, script } = await buildChild();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = temporaryFolder();
  // In blocks of 512 bytes.
  const shell = 'ulimit -f 100 && exec "$0" "$1" fill "$2"';
  const { stdout } = await promisify(execFile)('sh', ['-c', shell, process.execPath, script, path]);
  const said = JSON.parse(stdout);
  expect(said.refused).toBe('AppendError');
  const content = readFileSync(join(path, 'rooms', 'lobby', 'log.ndjson'), 'utf8');
  expect(content).toHaveLength(said.end);
  expect(content.endsWith('\n')).toBe(true);
  expect(seqs(content).at(-1)).toBe(said.lastSeq);
  expect(rises(seqs(content))).toBe(true);
});
