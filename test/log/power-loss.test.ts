import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RoomLog, RoomLogListener, SyncMode } from '../../src/log/index.ts';
import { PowerLoss } from './power-loss.ts';
import { appendLines, durable, nobody, opened, readAll, temporaryFolder } from './support.ts';
import { line, random, rises, seqs } from './support-lines.ts';

const SKIP = 2 ** 20;

/** A listener that notes the seq up to which its log's lines were told. */
function noting(): RoomLogListener & { told: number; log: RoomLog | undefined } {
  const notes = {
    told: 0,
    log: undefined as RoomLog | undefined,
    durable: () => {
      const { log } = notes;
      if (log !== undefined && log.durableEnd > 0) notes.told = seqs(tail(log)).at(-1) ?? 0;
    },
    late: () => {},
  };
  return notes;
}

function tail(log: RoomLog): string {
  const target = Buffer.alloc(1 << 20);
  return target.toString('utf8', 0, log.readSync(0, target, 0));
}

/**
 * A room that loses power again and again, at a random place in what it does. Answers, of each life, what was told,
 * what was there at its start, and the seqs that it gave.
 */
async function lives(sync: SyncMode, seed: number, count: number) {
  const next = random(seed);
  const root = temporaryFolder();
  const seen: number[][] = [];
  const lost: number[] = [];
  let path = join(root, 'life-0');
  for (let life = 0; life < count; life += 1) {
    const power = new PowerLoss();
    if (life > 0) power.adopt(path);
    const { directory } = await opened(path, { sync, fs: power.fs, bootId: `boot ${life}` });
    const notes = noting();
    const log = directory.has('lobby')
      ? await directory.open('lobby', notes)
      : await directory.create('lobby', { created: 5 }, notes);
    notes.log = log;
    const survived = new Set(seqs(await readAll(log)));
    lost.push(seen.flat().filter((seq) => !survived.has(seq)).length);

    const given: number[] = [];
    for (let batch = next(6); batch > 0; batch -= 1) {
      given.push(...seqs(appendLines(log, 1 + next(5)).join('')));
      // A sync that has ended, one under way, or none.
      if (next(3) === 0) await durable(log);
    }
    notes.durable();
    const cleanly = next(4) === 0;
    if (cleanly) await directory.close();
    seen.push(given.filter((seq) => seq <= notes.told));
    const after = join(root, `life-${life + 1}`);
    power.leave(path, after);
    await directory.close();
    path = after;
  }
  return { seen, lost };
}

it.each([1, 2, 3, 4, 5, 6])('always: nothing that was told is lost (seed %i)', async (seed) => {
  const { seen, lost } = await lives('always', seed, 12);
  expect(seen.flat().length).toBeGreaterThan(0);
  expect(lost).toEqual(lost.map(() => 0));
  expect(rises(seen.flat())).toBe(true);
});

it.each([1, 2, 3, 4, 5, 6])('interval: no seq is given twice, though lines are lost (seed %i)', async (seed) => {
  const { seen, lost } = await lives('interval', seed, 12);
  expect(lost.some((n) => n > 0)).toBe(true);
  expect(rises(seen.flat())).toBe(true);
});

it('skips behind what may have been seen, says so, and remembers it without a line to show for it', async () => {
  const path = temporaryFolder();
  const first = await opened(path, { bootId: 'one' });
  appendLines(await first.directory.create('lobby', { created: 5 }, nobody), 3);
  await first.directory.close();
  const mark = join(path, 'rooms', 'lobby', 'open');
  expect(existsSync(mark)).toBe(false);

  writeFileSync(mark, 'one\n0\n');
  const second = await opened(path, { bootId: 'two' });
  expect((await second.directory.open('lobby', nobody)).lastSeq).toBe(3 + SKIP);
  expect(second.events).toEqual([{ kind: 'seq-skipped', room: 'lobby', from: 3, to: 3 + SKIP }]);
  await second.directory.close();
  // Closed cleanly, in the same boot: no further skip, and no falling back either.
  const third = await opened(path, { bootId: 'two' });
  const log = await third.directory.open('lobby', nobody);
  expect(log.lastSeq).toBe(3 + SKIP);
  expect(third.events).toEqual([]);
  // A cursor that was seen and lost is still one of this log.
  expect(log.findAfter(100)).toMatchObject({ position: log.durableEnd, after: 3 });
  expect(log.findAfter(4 + SKIP)).toBeUndefined();
  appendLines(log, 1);
  await third.directory.close();
  expect(existsSync(mark)).toBe(false);
  const fourth = await opened(path, { bootId: 'three' });
  expect((await fourth.directory.open('lobby', nobody)).lastSeq).toBe(4 + SKIP);
});

it('does not skip after a server that was killed while the machine ran on', async () => {
  const path = temporaryFolder();
  const first = await opened(path, { bootId: 'one' });
  appendLines(await first.directory.create('lobby', { created: 5 }, nobody), 3);
  const mark = join(path, 'rooms', 'lobby', 'open');
  const left = readFileSync(mark);
  await first.directory.close();
  writeFileSync(mark, left);
  const second = await opened(path, { bootId: 'one' });
  const log = await second.directory.open('lobby', nobody);
  expect(log.lastSeq).toBe(3);
  expect(second.events).toEqual([]);
  appendLines(log, 1);
  expect(await readAll(log)).toBe([1, 2, 3, 4].map((seq) => line(seq)).join(''));
});

it('syncs what a killed server left before its mark goes', async () => {
  const path = temporaryFolder();
  const first = await opened(path, { sync: 'off', bootId: 'one' });
  appendLines(await first.directory.create('lobby', { created: 5 }, nobody), 3);
  await first.directory.close();
  writeFileSync(join(path, 'rooms', 'lobby', 'open'), 'one\n0\n');
  const power = new PowerLoss();
  const second = await opened(path, { fs: power.fs, bootId: 'one' });
  await (await second.directory.open('lobby', nobody)).close();
  expect(power.synced(join(path, 'rooms', 'lobby', 'log.ndjson'))?.toString()).toBe(line(1) + line(2) + line(3));
});
