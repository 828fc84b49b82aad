import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeFileSystem } from '../../src/log/index.ts';
import { appendLines, keepLines, nobody, opened, readAll, temporaryFolder } from './support.ts';
import { line } from './support-lines.ts';

/** A data directory with one room and the path of its log, closed. */
async function withRoom(lines: number): Promise<{ path: string; file: string; content: Buffer }> {
  const path = temporaryFolder();
  const { directory } = await opened(path);
  appendLines(await directory.create('lobby', { created: 5 }, nobody), lines);
  await directory.close();
  const file = join(path, 'rooms', 'lobby', 'log.ndjson');
  return { path, file, content: readFileSync(file) };
}

it('keeps every whole line of a log that is cut at any byte, and the next line follows', async () => {
  const { path, file, content } = await withRoom(50);
  // Without syncs: some five thousand tails are kept aside.
  const fs = { ...nodeFileSystem, sync: () => {} };
  const { directory, events } = await opened(path, { sync: 'off', fs });
  for (let cut = 0; cut <= content.length; cut += 1) {
    writeFileSync(file, content.subarray(0, cut));
    const whole = content.subarray(0, content.lastIndexOf(0x0a, cut - 1) + 1);
    const kept = cut === 0 ? Buffer.alloc(0) : whole;
    const lines = kept.toString().split('\n').length - 1;

    const log = await directory.open('lobby', nobody);
    expect(log.lastSeq).toBe(lines);
    const added = (await keepLines(log, 1)).join('');
    await log.close();
    expect(readFileSync(file, 'utf8')).toBe(kept.toString() + added);

    const [event] = events.splice(0).filter(({ kind }) => kind === 'torn-tail');
    if (kept.length === cut) expect(event).toBeUndefined();
    else {
      expect(event).toMatchObject({ kind: 'torn-tail', room: 'lobby', bytes: cut - kept.length });
      const keptIn = event?.kind === 'torn-tail' ? event.keptIn : '';
      expect(readFileSync(keptIn).equals(content.subarray(kept.length, cut))).toBe(true);
    }
  }
}, 240_000);

it.each([
  ['behind the last line', '', 3],
  ['of many chunks', '', 200_000],
  ['with the end of a line behind them', 'text":"lost"}\n', 4096],
  ['with half a line behind them', '{"type":"mess', 70_000],
])('cuts off NULs %s', async (_where, behind, count) => {
  const { path, file, content } = await withRoom(3);
  writeFileSync(file, Buffer.concat([content, Buffer.alloc(count), Buffer.from(behind)]));
  const { directory, events } = await opened(path);
  const log = await directory.open('lobby', nobody);
  expect(log.lastSeq).toBe(3);
  expect(events).toMatchObject([{ kind: 'torn-tail', bytes: count + behind.length }]);
  const added = (await keepLines(log, 1)).join('');
  expect(await readAll(log)).toBe(content.toString() + added);
});

it('keeps each torn tail, though two were at the same place', async () => {
  const { path, file, content } = await withRoom(2);
  const { directory } = await opened(path);
  for (const torn of ['{"one', '{"other']) {
    writeFileSync(file, content + torn);
    await (await directory.open('lobby', nobody)).close();
  }
  const folder = join(path, 'rooms', 'lobby');
  const kept = readdirSync(folder).filter((name) => name.startsWith('torn-tail'));
  expect(kept.map((name) => readFileSync(join(folder, name), 'utf8')).sort()).toEqual(['{"one', '{"other']);
  for (const name of kept) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

it('finds the last line of a log of any size in a few reads from its end', async () => {
  const { path, file } = await withRoom(1);
  writeFileSync(file, Array.from({ length: 20_000 }, (_, i) => line(i + 1)).join(''));
  let bytes = 0;
  const counting: typeof nodeFileSystem = {
    ...nodeFileSystem,
    read: (fd, target, offset, length, position) => {
      const count = nodeFileSystem.read(fd, target, offset, length, position);
      bytes += count;
      return count;
    },
  };
  const { directory } = await opened(path, { fs: counting });
  bytes = 0;
  const log = await directory.open('lobby', nobody);
  expect(log.lastSeq).toBe(20_000);
  expect(bytes).toBeLessThan(4 * 64 * 1024);
  bytes = 0;
  expect(log.findAfter(7_777)?.after).toBe(7_777);
  expect(bytes).toBeLessThan(3 * 64 * 1024);
});
