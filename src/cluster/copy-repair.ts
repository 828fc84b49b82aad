// What a repair of a copy would take away: all that is not what the cluster has, byte for byte.

import { open } from 'node:fs/promises';
import { type Hole, type RepairPlan, UnservableError } from '../log/index.ts';
import { Comparison, type ComparisonOptions } from './comparison.ts';

/** Of what is wrong with a copy, so much is shown. */
const MOST_SHOWN = 100;

/** Of a room that this node has no copy of. */
export const NOTHING_TO_REPAIR: RepairPlan = { lines: 0, missing: 0, bytes: 0, count: 0, holes: [], isCopy: true };

/** Compares the copy at `path`, as far as it is written; all of it without `end`. Rejects with UnservableError. */
export async function planRepair(
  path: string,
  end: number | undefined,
  room: Pick<ComparisonOptions, 'engine' | 'stream' | 'subject'>,
): Promise<RepairPlan> {
  const file = await open(path);
  try {
    const length = end ?? (await file.stat()).size;
    const comparison = new Comparison({ ...room, fd: file.fd, end: length });
    await comparison.readOn();
    return planOf(comparison, length);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnservableError(`The copy could not be compared with what NATS has: ${why}.`);
  } finally {
    await file.close();
  }
}

function planOf({ lines, state, differences }: Comparison, end: number): RepairPlan {
  const holes: Hole[] = differences.map(({ offset, length }) => holeOf(offset, length, 'not what the cluster has'));
  if (end > state.end) holes.push(holeOf(state.end, end - state.end, 'more than the cluster has'));
  const bytes = holes.reduce((sum, { length }) => sum + length, 0);
  return { lines, missing: 0, bytes, count: holes.length, holes: holes.slice(0, MOST_SHOWN), isCopy: true };
}

function holeOf(offset: number, length: number, reason: string): Hole {
  return { offset, length, reason, missing: 0, seq: 0 };
}
