import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DamagedError } from '../../src/log/index.ts';
import { appendLines, nobody, opened, readAll, temporaryFolder } from './support.ts';
import { line } from './support-lines.ts';

const LINES = 2_000;

/** A room whose log has `bytes` written over it at the start of its line `seq`, and a second, sound one. */
async function damaged(seq: number, bytes: Buffer, shift = 0) {
  const path = temporaryFolder();
  const before = await opened(path);
  appendLines(await before.directory.create('lobby', { created: 5 }, nobody), LINES);
  appendLines(await before.directory.create('other', { created: 5 }, nobody), 3);
  await before.directory.close();
  const file = join(path, 'rooms', 'lobby', 'log.ndjson');
  const content = readFileSync(file);
  const offset = content.indexOf(line(seq));
  bytes.copy(content, offset + shift);
  writeFileSync(file, content);
  const { directory, events } = await opened(path);
  return { directory, events, file, content, offset };
}

it.each([
  ['NULs', Buffer.alloc(500), 0],
  ['a NUL in a text', Buffer.alloc(1), 90],
  ['a broken start of a line', Buffer.from('{"tope"'), 0],
  ['bytes that are not UTF-8', Buffer.of(0xff, 0xfe), 90],
])('refuses a room with %s in an old line, once somebody reads that far', async (_what, bytes, shift) => {
  const { directory, events, file, content, offset } = await damaged(1_000, bytes, shift);
  const log = await directory.open('lobby', nobody);
  expect(log.lastSeq).toBe(LINES);
  // Behind the damage the room serves as ever.
  const { position } = await log.findLast(10);
  expect((await readAll(log, position)).startsWith(line(LINES - 9))).toBe(true);

  await expect(readAll(log)).rejects.toMatchObject({ name: 'DamagedError', room: 'lobby', offset });
  expect(events).toEqual([{ kind: 'damaged', room: 'lobby', offset }]);
  // From then on it refuses everything, and so does the next opening.
  expect(() => log.append(Buffer.from(line(LINES + 1)), LINES + 1)).toThrow(DamagedError);
  expect(() => log.findAfter(5)).toThrow(DamagedError);
  await expect(log.findLast(5)).rejects.toThrow(DamagedError);
  await log.close();
  await expect(directory.open('lobby', nobody)).rejects.toThrow(DamagedError);
  // Nothing is rewritten, said twice, or refused to others.
  expect(readFileSync(file).equals(content)).toBe(true);
  expect(events).toHaveLength(1);
  expect(await readAll(await directory.open('other', nobody))).toBe(line(1) + line(2) + line(3));
});

it('refuses a last whole line that is not a line, rather than to count from 1', async () => {
  const { directory, events, file, content, offset } = await damaged(LINES, Buffer.from('garbage'));
  await expect(directory.open('lobby', nobody)).rejects.toThrow(DamagedError);
  expect(events).toEqual([{ kind: 'damaged', room: 'lobby', offset }]);
  expect(readFileSync(file).equals(content)).toBe(true);
});

it('refuses a log that has become shorter under it', async () => {
  const { directory, file, content } = await damaged(1, Buffer.alloc(0));
  const log = await directory.open('lobby', nobody);
  writeFileSync(file, content.subarray(0, 1_000));
  await expect(readAll(log)).rejects.toThrow(DamagedError);
});

it('refuses a line that is longer than any line of ours', async () => {
  const { directory, offset } = await damaged(100, Buffer.from('x'.repeat(100_000)));
  const log = await directory.open('lobby', nobody);
  await expect(readAll(log)).rejects.toMatchObject({ offset });
});

it('says where in the middle of a search it met bytes that are no line', async () => {
  const { directory } = await damaged(500, Buffer.from('\n'.repeat(100_000)));
  const log = await directory.open('lobby', nobody);
  expect(() => log.findAfter(1_000)).toThrow(DamagedError);
});
