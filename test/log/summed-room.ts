// A room whose log has a sum for each of its bytes, closed, for tests that damage it.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFileSystem, openDataDirectory } from '../../src/log/index.ts';
import { nobody } from './support.ts';
import { line, notice, random } from './support-lines.ts';

/** Bytes of a log for which there is a record, and those of a record. */
export const WINDOW = 4072;
export const RECORD = 16;
/** The longest line, in windows. */
const LINE_WINDOWS = 13;

export interface SummedRoom {
  readonly path: string;
  /** The paths of the log and of its sums. */
  readonly log: string;
  readonly sums: string;
  readonly content: Buffer;
}

/** Lines of all lengths, the first with seq 1. */
export function variedLines(count: number, seed: number): string[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const text = next(60) === 0 ? 'x'.repeat(next(30_000)) : 'y'.repeat(next(300));
    return next(10) === 0 ? notice(i + 1, text) : line(i + 1, text);
  });
}

export async function summedRoom(path: string, lines: readonly string[], room = 'lobby'): Promise<SummedRoom> {
  const fs = { ...nodeFileSystem, sync: () => {}, syncDataInBackground: async () => {} };
  const directory = await openDataDirectory(path, { sync: 'always', fs, report: () => {}, fatal: () => {} });
  const log = await directory.create(room, { created: 5 }, nobody);
  for (let i = 0; i < lines.length; i += 100) {
    const batch = lines.slice(i, i + 100);
    log.append(Buffer.from(batch.join('')), i + batch.length);
  }
  const file = join(path, 'rooms', room, 'log.ndjson');
  const sums = join(path, 'rooms', room, 'log.sums');
  await untilSummed(sums, log.appendedEnd);
  await directory.close();
  return { path, log: file, sums, content: readFileSync(file) };
}

/** Until all but the last lines, which are summed at closing, have their sums. */
export async function untilSummed(sums: string, end: number): Promise<void> {
  const records = Math.floor(end / WINDOW) - LINE_WINDOWS;
  while ((statSync(sums, { throwIfNoEntry: false })?.size ?? 0) < records * RECORD) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
