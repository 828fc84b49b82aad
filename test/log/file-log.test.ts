import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cursor } from '../../src/log/index.ts';
import { appendLines, durable, keepLines, nobody, opened, readAll, temporaryFolder } from './support.ts';
import { line, notice, random } from './support-lines.ts';

/** Lines of all lengths, with seqs that are not dense. */
function manyLines(count: number, seed: number): { seq: number; text: string }[] {
  const next = random(seed);
  let seq = 0;
  return Array.from({ length: count }, () => {
    seq += 1 + next(3);
    const long = next(50) === 0 ? 30_000 : 200;
    return { seq, text: next(10) === 0 ? notice(seq, 'ä'.repeat(next(100))) : line(seq, 'x'.repeat(next(long))) };
  });
}

it('gives back the bytes that were appended, in pieces of whole lines, now or in the background', async () => {
  const { directory } = await opened(temporaryFolder());
  const log = await directory.create('lobby', { created: 5 }, nobody);
  const lines = manyLines(500, 1);
  for (let i = 0; i < lines.length; i += 7) {
    const batch = lines.slice(i, i + 7);
    log.append(Buffer.from(batch.map(({ text }) => text).join('')), batch.at(-1)?.seq ?? 0);
  }
  const all = lines.map(({ text }) => text).join('');
  await durable(log);
  expect(log.durableEnd).toBe(Buffer.byteLength(all));
  expect(await readAll(log)).toBe(all);

  const target = Buffer.alloc(100_000);
  for (let position = 0; position < log.durableEnd; ) {
    const count = log.readSync(position, target, 34_464);
    const part = target.subarray(34_464, 34_464 + count);
    expect(part.at(-1)).toBe(0x0a);
    expect(part.equals(Buffer.from(all).subarray(position, position + count))).toBe(true);
    position += count;
  }
});

it('finds every seq and every count of last lines', async () => {
  const { directory } = await opened(temporaryFolder());
  const log = await directory.create('lobby', { created: 5 }, nobody);
  const lines = manyLines(600, 2);
  log.append(Buffer.from(lines.map(({ text }) => text).join('')), lines.at(-1)?.seq ?? 0);
  const ends: Cursor[] = [{ position: 0, after: 0 }];
  for (const { seq, text } of lines) {
    const { at } = JSON.parse(text);
    ends.push({ position: (ends.at(-1)?.position ?? 0) + Buffer.byteLength(text), after: seq, at });
  }
  await durable(log);
  for (let seq = 0; seq <= log.lastSeq; seq += 1) {
    expect(log.findAfter(seq)).toEqual(ends.findLast(({ after }) => after <= seq));
  }
  expect(log.findAfter(log.lastSeq + 1)).toBeUndefined();
  for (const [i, { position }] of ends.entries()) {
    const next = ends[i + 1]?.position ?? position + 1;
    for (const at of [position, position + 1, next - 1]) {
      expect(log.findAt(at)).toEqual(ends.findLast((cursor) => cursor.position <= at));
    }
  }
  for (const count of [0, 1, 2, 3, 50, 299, 599, 600, 601, 1e9]) {
    expect(await log.findLast(count)).toEqual(ends[Math.max(0, lines.length - count)]);
  }
});

it('answers 0 at the end, and where a line does not fit', async () => {
  const { directory } = await opened(temporaryFolder());
  const log = await directory.create('lobby', { created: 5 }, nobody);
  expect(log.readSync(0, Buffer.alloc(65_536), 0)).toBe(0);
  expect(log.findAfter(0)).toEqual({ position: 0, after: 0 });
  expect(await log.findLast(3)).toEqual({ position: 0, after: 0 });
  await keepLines(log, 2);
  expect(log.readSync(0, Buffer.alloc(20), 0)).toBe(0);
  expect(log.readSync(log.durableEnd, Buffer.alloc(65_536), 0)).toBe(0);
});

it('takes only whole lines, in rising order', async () => {
  const { directory } = await opened(temporaryFolder());
  const log = await directory.create('lobby', { created: 5 }, nobody);
  expect(() => log.append(Buffer.from('{"type":"message","seq":1,'), 1)).toThrow(RangeError);
  await keepLines(log, 1);
  expect(() => log.append(Buffer.from(line(1)), 1)).toThrow(RangeError);
  expect(await readAll(log)).toBe(line(1));
});

it('finishes a read that is under way when the log is closed, and refuses the next', async () => {
  const { directory } = await opened(temporaryFolder());
  const log = await directory.create('lobby', { created: 5 }, nobody);
  await keepLines(log, 300);
  const target = Buffer.alloc(65_536);
  const reads = Array.from({ length: 20 }, () => log.read(0, Buffer.alloc(65_536), 0));
  const last = log.findLast(10);
  const closed = log.close();
  const counts = await Promise.all(reads);
  expect(new Set(counts).size).toBe(1);
  expect((await last).after).toBe(290);
  await closed;
  await expect(log.read(0, target, 0)).rejects.toThrow('closed');
  expect(() => log.append(Buffer.from(line(301)), 301)).toThrow('closed');
});

it('goes on where it was when it is opened again, even while it still closes', async () => {
  const path = temporaryFolder();
  const { directory } = await opened(path);
  const first = await directory.create('lobby', { created: 5 }, nobody);
  const before = appendLines(first, 3);
  const closed = first.close();
  const second = await directory.open('lobby', nobody);
  await expect(directory.open('lobby', nobody)).rejects.toThrow('already open');
  const after = await keepLines(second, 2);
  await closed;
  expect(existsSync(join(path, 'rooms', 'lobby', 'open'))).toBe(true);
  expect(await readAll(second)).toBe([...before, ...after].join(''));
  expect(second.lastSeq).toBe(5);
  expect(second.meta).toEqual(first.meta);
});
