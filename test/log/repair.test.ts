// A damaged log is repaired: what is whole stays byte for byte, what is lost is kept aside and counted, and a crash in
// between leaves one or the other.

import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DamagedError, nodeFileSystem } from '../../src/log/index.ts';
import { type SummedRoom, summedRoom, variedLines } from './summed-room.ts';
import { appendLines, nobody, opened, readAll, temporaryFolder } from './support.ts';
import { line, notice, random, rises, seqs } from './support-lines.ts';

const lineFor = (seq: number, missing: number) => notice(seq, `${missing} missing`);

function keptAside(room: SummedRoom): Buffer[] {
  const folder = join(room.log, '..');
  return readdirSync(folder)
    .filter((name) => name.startsWith('damaged.'))
    .map((name) => readFileSync(join(folder, name)));
}

/** Repairs and answers the repaired log, which every reader has to find sound. */
async function repaired(room: SummedRoom) {
  const { directory } = await opened(room.path);
  const plan = await directory.upkeep.plan('lobby');
  const before = readFileSync(room.log);
  const { keptIn, ...done } = await directory.upkeep.repair('lobby', lineFor);
  expect(done).toEqual(plan);
  const log = await directory.open('lobby', nobody);
  const text = await readAll(log);
  expect(readFileSync(room.log, 'utf8')).toBe(text);
  const problems: unknown[] = [];
  const verified = await directory.upkeep.verify('lobby', (problem) => problems.push(problem));
  expect(problems).toEqual([]);
  if (keptIn !== undefined) expect(verified.summed).toBe(Buffer.byteLength(text));
  expect(rises(seqs(text))).toBe(true);
  return { directory, log, text, plan, before, keptIn };
}

describe('a log without sums', () => {
  const LINES = Array.from({ length: 40 }, (_, i) => line(i + 1));

  /** A room of forty lines in which each of those given is replaced. */
  async function roomWith(bad: { readonly [seq: number]: string }): Promise<SummedRoom> {
    const path = temporaryFolder();
    const { directory } = await opened(path);
    await (await directory.create('lobby', { created: 5 }, nobody)).close();
    await directory.close();
    const log = join(path, 'rooms', 'lobby', 'log.ndjson');
    const content = Buffer.from(LINES.map((sound, i) => bad[i + 1] ?? sound).join(''), 'latin1');
    writeFileSync(log, content);
    return { path, log, sums: join(log, '..', 'log.sums'), content };
  }

  const without = (from: number, to: number, inPlace: string) =>
    LINES.slice(0, from - 1).join('') + inPlace + LINES.slice(to).join('');

  it.each([
    ['NULs', { 7: `${'\0'.repeat(50)}\n` }, 7, 7],
    ['a lost end of a line', { 7: line(7).slice(0, -5) }, 7, 8],
    ['bytes that are not UTF-8', { 7: `${line(7).slice(0, -10)}\xff"}\n`, 8: 'x\n' }, 7, 8],
    ['the first line', { 1: 'x\n' }, 1, 1],
    ['an end of a line in a line', { 7: line(7).replace('message 7', 'mess\nge 7') }, 7, 7],
    ['a number that is too low', { 7: line(3) }, 7, 7],
    ['a number that is too high', { 7: line(3_000) }, 7, 7],
    ['a line of more than a log has', { 7: `${'x'.repeat(300_000)}\n` }, 7, 7],
  ])('%s: one line stands for what is lost, under its number', async (_what, bad, from, to) => {
    const room = await roomWith(bad);
    const { text, plan, before } = await repaired(room);
    const missing = to - from + 1;
    expect(text).toBe(without(from, to, notice(from, `${missing} missing`)));
    expect(plan).toMatchObject({ count: 1, missing, lines: 40 - missing });
    const [hole] = plan.holes;
    expect(keptAside(room)).toEqual([before.subarray(hole?.offset, (hole?.offset ?? 0) + (hole?.length ?? 0))]);
  });

  it('bytes that took no line away leave nothing in their place, and are kept', async () => {
    const room = await roomWith({ 7: `garbage\n${line(7)}` });
    const { text, plan } = await repaired(room);
    expect(text).toBe(LINES.join(''));
    expect(plan).toMatchObject({ count: 1, missing: 0, bytes: 8 });
    expect(keptAside(room).join('')).toBe('garbage\n');
  });

  it('lost lines at the end are announced under a number that nobody has seen, and no number is given again', async () => {
    const room = await roomWith({ 38: 'x\n', 39: 'y\n', 40: 'z\n' });
    const { text, log } = await repaired(room);
    const [seq = 0] = seqs(text).slice(-1);
    expect(text).toBe(LINES.slice(0, 37).join('') + notice(seq, '3 missing'));
    expect(seq).toBeGreaterThan(40);
    expect(log.lastSeq).toBe(seq);
    // Whoever had read up to 39 resumes before the line that says so.
    expect(log.findAfter(39)).toMatchObject({ after: 37 });
  });

  it('a skip of numbers after a power loss is not taken for a million lost lines', async () => {
    const room = await roomWith({ 7: 'x\n', 8: line(2 ** 20 + 8), 9: line(2 ** 20 + 9) });
    writeFileSync(room.log, readFileSync(room.log, 'utf8').split('\n').slice(0, 9).join('\n').concat('\n'));
    const { plan } = await repaired(room);
    expect(plan).toMatchObject({ count: 1, missing: 1 });
  });

  it('a whole log is left as it is, to the byte', async () => {
    const room = await roomWith({});
    const { keptIn, text } = await repaired(room);
    expect([keptIn, text]).toEqual([undefined, LINES.join('')]);
  });
});

it('loses exactly the blocks whose sums are wrong, and brings the room back', async () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const lines = variedLines(1_500, seed);
    const room = await summedRoom(temporaryFolder(), lines);
    const next = random(seed);
    const wrong = Buffer.from(room.content);
    const flips = Array.from({ length: 1 + next(4) }, () => next(wrong.length));
    for (const at of flips) wrong[at] = (wrong[at] ?? 0) ^ (1 << next(8));
    writeFileSync(room.log, wrong);
    const { directory, log, text, plan, before, keptIn } = await repaired(room);
    const kept = new Set(text.split('\n'));
    const lost = lines.filter((sound) => !kept.has(sound.trimEnd()));
    expect(lost.length).toBe(plan.missing);
    expect(lost.length).toBeGreaterThan(0);
    const announced = [...text.matchAll(/"text":"(\d+) missing"/g)].map((match) => Number(match[1]));
    expect(announced.reduce((sum, count) => sum + count, 0)).toBe(lost.length);
    expect(announced).toHaveLength(plan.holes.filter(({ missing }) => missing > 0).length);
    for (const at of flips) {
      expect(plan.holes.some(({ offset, length }) => offset <= at && at < offset + length)).toBe(true);
    }
    const aside = plan.holes.map(({ offset, length }) => before.subarray(offset, offset + length));
    expect(readFileSync(keptIn ?? '').equals(Buffer.concat(aside))).toBe(true);
    // It takes lines again, and has sums again.
    const added = appendLines(log, 1).join('');
    await log.close();
    expect(await readAll(await directory.open('lobby', nobody))).toBe(text + added);
    await directory.close();
  }
});

it('opens a room again that was found damaged, once it is repaired', async () => {
  const room = await summedRoom(temporaryFolder(), variedLines(300, 4));
  writeFileSync(room.log, Buffer.from(room.content).fill(0, 5_000, 5_010));
  const { directory } = await opened(room.path);
  const log = await directory.open('lobby', nobody);
  await expect(readAll(log)).rejects.toThrow(DamagedError);
  await expect(directory.upkeep.repair('lobby', lineFor)).rejects.toThrow('already open');
  await log.close();
  await expect(directory.open('lobby', nobody)).rejects.toThrow(DamagedError);
  await directory.upkeep.repair('lobby', lineFor);
  await readAll(await directory.open('lobby', nobody));
});

it('a crash at any step leaves the old log or the new one, each with its own sums', async () => {
  const room = await summedRoom(temporaryFolder(), variedLines(300, 5));
  writeFileSync(room.log, Buffer.from(room.content).fill(0x41, 9_000, 9_001));
  const damaged = readFileSync(room.log);
  const whole = join(temporaryFolder(), 'whole');
  cpSync(room.path, whole, { recursive: true });
  const { text } = await repaired({ ...room, path: whole, log: join(whole, 'rooms', 'lobby', 'log.ndjson') });
  let step = 0;
  for (let crashAt = 1; step >= crashAt - 1; crashAt += 1) {
    const path = join(temporaryFolder(), 'crashed');
    cpSync(room.path, path, { recursive: true });
    step = 0;
    const fs = {
      ...nodeFileSystem,
      rename: (from: string, to: string) => {
        step += 1;
        if (step >= crashAt) throw new Error('crash');
        nodeFileSystem.rename(from, to);
      },
    };
    const crashing = await opened(path, { fs });
    step = 0;
    await crashing.directory.upkeep.repair('lobby', lineFor).catch(() => {});
    await crashing.directory.close();
    const { directory } = await opened(path);
    const file = join(path, 'rooms', 'lobby', 'log.ndjson');
    const log = await directory.open('lobby', nobody).catch(() => undefined);
    const content = log === undefined ? undefined : await readAll(log).catch(() => undefined);
    if (content === undefined) expect(readFileSync(file).equals(damaged)).toBe(true);
    else expect(content).toBe(text);
    await log?.close();
    // A second try finds nothing in its way.
    await directory.upkeep.repair('lobby', lineFor);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(existsSync(`${file}.new`) || existsSync(`${file}.part`)).toBe(false);
  }
  expect(step).toBeGreaterThan(2);
});
