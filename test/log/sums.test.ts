// Sums of blocks: every byte of a log is checked against what was written, and trouble with the sums is not the log's.

import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { crc32ByTables } from '../../src/log/crc32.ts';
import { O_RDWR } from '../../src/log/file-system.ts';
import { DamagedError, nodeFileSystem, verifyRoom } from '../../src/log/index.ts';
import { RECORD, summedRoom, untilSummed, variedLines, WINDOW } from './summed-room.ts';
import { appendLines, nobody, opened, readAll, temporaryFolder } from './support.ts';
import { line, random } from './support-lines.ts';

it('sums as Node does, whole and in parts', () => {
  const next = random(7);
  for (let round = 0; round < 300; round += 1) {
    const bytes = Buffer.from(Array.from({ length: next(200) }, () => next(256)));
    const cut = next(bytes.length + 1);
    expect(crc32ByTables(bytes)).toBe(crc32(bytes));
    expect(crc32ByTables(bytes.subarray(cut), crc32ByTables(bytes.subarray(0, cut)))).toBe(crc32(bytes));
  }
});

it('serves no line of a block in which one letter has become another, from wherever it is read', async () => {
  const { path, log: file, content } = await summedRoom(temporaryFolder(), variedLines(3_000, 3));
  const next = random(4);
  const whole = content.toString();
  for (let round = 0; round < 120; round += 1) {
    const wrong = Buffer.from(content);
    // Anywhere: in a text it is a letter, in a number another digit, at the end of a line no end.
    const at = round === 0 ? content.length - 5 : next(content.length);
    wrong[at] = content[at] === 0x61 ? 0x62 : 0x61;
    writeFileSync(file, wrong);
    const { directory, events } = await opened(path, { sync: 'off' });
    let served = '';
    const reading = async () => {
      const log = await directory.open('lobby', nobody);
      const target = Buffer.alloc(64 * 1024);
      // From the beginning, from a number, and from so many lines before the end.
      const ways = [0, log.findAfter(next(3_000))?.position ?? 0, (await log.findLast(next(3_000))).position];
      for (let position = Math.min(...ways); ; ) {
        const count = await log.read(position, target, 0);
        if (count === 0) return;
        served = target.toString('utf8', 0, count);
        expect(whole).toContain(served);
        position += count;
      }
    };
    await expect(reading()).rejects.toThrow(DamagedError);
    const [event] = events;
    if (event?.kind !== 'damaged') throw new Error('nothing was said');
    expect(event.offset).toBeLessThanOrEqual(at);
    expect(event.end ?? event.offset + 60_000).toBeGreaterThan(at);
    await directory.close();
  }
});

it('reads what it reads without sums: from any line, into any room, in the background and in a turn', async () => {
  const { path, log: file, content } = await summedRoom(temporaryFolder(), variedLines(1_500, 8));
  const { directory } = await opened(path, { sync: 'off' });
  const log = await directory.open('lobby', nobody);
  // Behind the sums too.
  const all = Buffer.concat([content, Buffer.from(appendLines(log, 40).join(''))]);
  expect(readFileSync(file).equals(all)).toBe(true);
  const starts = [0];
  for (let at = all.indexOf('\n') + 1; at < all.length; at = all.indexOf('\n', at) + 1) starts.push(at);
  const next = random(1);
  for (let round = 0; round < 400; round += 1) {
    const start = starts[next(starts.length)] ?? 0;
    const target = Buffer.alloc(8 + (next(3) === 0 ? next(2_000) : 64 * 1024));
    const count = round % 2 === 0 ? await log.read(start, target, 8) : log.readSync(start, target, 8);
    expect(target.subarray(8, 8 + count).equals(all.subarray(start, start + count))).toBe(true);
    const lineEnd = all.indexOf('\n', start) + 1;
    if (lineEnd - start <= target.length - 8) expect(count).toBeGreaterThan(0);
    expect(count === 0 || all[start + count - 1] === 0x0a).toBe(true);
  }
  expect((await readAll(log)) === all.toString()).toBe(true);
});

it('finds a wrong letter in a log that is open, once its bytes are synced and summed', async () => {
  const path = temporaryFolder();
  const { directory, events } = await opened(path, { sync: 'always' });
  const log = await directory.create('lobby', { created: 5 }, nobody);
  appendLines(log, 2_000);
  while (log.durableEnd < log.appendedEnd) await new Promise((resolve) => setImmediate(resolve));
  const file = join(path, 'rooms', 'lobby', 'log.ndjson');
  await untilSummed(join(file, '..', 'log.sums'), log.durableEnd);
  const content = readFileSync(file);
  content[content.indexOf('message 77"')] = 0x4d;
  writeFileSync(file, content);
  await expect(readAll(log)).rejects.toThrow(DamagedError);
  expect(events).toMatchObject([{ kind: 'damaged', room: 'lobby' }]);
});

it('has one record a window, however often the room is closed, and sums nothing twice into another', async () => {
  const path = temporaryFolder();
  const { directory } = await opened(path, {
    fs: { ...nodeFileSystem, syncInBackground: async () => {}, syncDataInBackground: async () => {} },
  });
  await (await directory.create('lobby', { created: 5 }, nobody)).close();
  const file = join(path, 'rooms', 'lobby', 'log.ndjson');
  const sums = join(file, '..', 'log.sums');
  for (let seq = 1; seq <= 300; seq += 1) {
    const log = await directory.open('lobby', nobody);
    log.append(Buffer.from(line(seq)), seq);
    await log.close();
    const { length } = readFileSync(file);
    const lastLine = length - line(seq).length;
    expect(statSync(sums).size).toBe(RECORD + RECORD * (Math.floor(lastLine / WINDOW) + 1));
  }
  const content = readFileSync(file, 'utf8');
  expect(await readAll(await directory.open('lobby', nobody))).toBe(content);
});

it('sums a log of before there were sums, once it is opened', async () => {
  const { path, sums, content } = await summedRoom(temporaryFolder(), variedLines(3_000, 5));
  const before = readFileSync(sums);
  rmSync(sums);
  const { directory } = await opened(path);
  const log = await directory.open('lobby', nobody);
  expect(await readAll(log)).toBe(content.toString());
  await untilSummed(sums, content.length);
  await log.close();
  expect(readFileSync(sums).equals(before)).toBe(true);
});

it.each([
  ['a letter of it changed', (sums: Buffer) => sums.fill(0x41, RECORD + 5, RECORD + 6)],
  ['half of it NULs', (sums: Buffer) => sums.fill(0, sums.length / 2)],
  ['another beginning', (sums: Buffer) => sums.fill(0x41, 0, 5)],
  ['a torn end', (sums: Buffer) => sums.subarray(0, -5)],
])('serves a log whose sums are damaged (%s), and makes them again', async (_what, damage) => {
  const { path, sums, content } = await summedRoom(temporaryFolder(), variedLines(3_000, 6));
  const sound = readFileSync(sums);
  writeFileSync(sums, damage(Buffer.from(sound)));
  const first = await opened(path);
  const log = await first.directory.open('lobby', nobody);
  expect((await readAll(log)) === content.toString()).toBe(true);
  expect(first.events.filter(({ kind }) => kind === 'damaged')).toEqual([]);
  await log.close();
  const again = await first.directory.open('lobby', nobody);
  await untilSummed(sums, content.length);
  await again.close();
  expect(readFileSync(sums).equals(sound)).toBe(true);
});

it('says that a log is shorter than it was, and sums what it is now', async () => {
  const { path, log: file, content } = await summedRoom(temporaryFolder(), variedLines(500, 9));
  const cut = content.lastIndexOf('\n', content.length / 2) + 1;
  truncateSync(file, cut);
  const { directory, events } = await opened(path);
  const log = await directory.open('lobby', nobody);
  expect(events).toEqual([{ kind: 'log-shorter', room: 'lobby', bytes: content.length - cut }]);
  const seq = log.lastSeq + 1;
  log.append(Buffer.from(line(seq)), seq);
  await log.close();
  expect(await readAll(await directory.open('lobby', nobody))).toBe(content.toString('utf8', 0, cut) + line(seq));
});

it('goes on without sums where they cannot be written, and says so', async () => {
  const path = temporaryFolder();
  const fs = {
    ...nodeFileSystem,
    open: (file: string, flags: number, mode?: number) => {
      if (file.endsWith('.sums') && (flags & O_RDWR) !== 0)
        throw Object.assign(new Error('EACCES: no'), { code: 'EACCES' });
      return nodeFileSystem.open(file, flags, mode);
    },
  };
  const { directory, events } = await opened(path, { fs });
  const log = await directory.create('lobby', { created: 5 }, nobody);
  const lines = appendLines(log, 20).join('');
  await log.close();
  expect(events).toMatchObject([{ kind: 'without-sums', room: 'lobby' }]);
  expect(await readAll(await directory.open('lobby', nobody))).toBe(lines);
});

it('verify names the block in which a letter has become another', async () => {
  const { path, log: file, content } = await summedRoom(temporaryFolder(), variedLines(800, 2));
  const at = content.indexOf('yyy', content.length / 2);
  content[at] = 0x7a;
  writeFileSync(file, content);
  const problems: { offset: number; reason: string }[] = [];
  const result = await verifyRoom(path, 'lobby', (problem) => problems.push(problem));
  expect(result).toMatchObject({ lines: 800, problems: 1, lastSeq: 800, summed: content.length });
  expect(problems).toEqual([
    { offset: expect.any(Number), reason: expect.stringContaining('not those that were written') },
  ]);
  expect(problems[0]?.offset).toBeLessThanOrEqual(at);
  appendFileSync(file, line(801));
  expect(await verifyRoom(path, 'lobby', () => {})).toMatchObject({ lines: 801, summed: content.length });
});

it('takes a last line whose end has become a letter for damage, not for a line that was being written', async () => {
  const { path, log: file, content } = await summedRoom(temporaryFolder(), variedLines(300, 2));
  content[content.length - 1] = 0x41;
  writeFileSync(file, content);
  const { directory, events } = await opened(path);
  await expect(directory.open('lobby', nobody)).rejects.toThrow(DamagedError);
  expect(events).toMatchObject([{ kind: 'damaged', end: content.length }]);
  expect(readFileSync(file).equals(content)).toBe(true);
});

it('with `off` writes no sums, which could outlive their lines, and checks those that there are', async () => {
  const { path, log: file, sums, content } = await summedRoom(temporaryFolder(), variedLines(300, 2));
  const before = readFileSync(sums);
  const first = await opened(path, { sync: 'off' });
  const log = await first.directory.open('lobby', nobody);
  appendLines(log, 50);
  await log.close();
  expect(readFileSync(sums).equals(before)).toBe(true);
  const longer = readFileSync(file);
  longer[content.indexOf('yyy')] = 0x7a;
  writeFileSync(file, longer);
  await expect(readAll(await first.directory.open('lobby', nobody))).rejects.toThrow(DamagedError);
});
