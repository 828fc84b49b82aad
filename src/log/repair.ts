// Takes a damaged log's whole lines over into a new one, with a line in the place of those that are lost.
// Must never drop a byte that it has not kept aside, nor leave anything but the old log or all of the new one.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSystem } from './file-system.ts';
import { type Disk, removeIfThere, syncFolderInBackground } from './files.ts';
import { LineWriter } from './line-writer.ts';
import { logPath } from './open-log.ts';
import { LogScan } from './scan.ts';
import { type Hole, type Sifted, sift } from './sift.ts';
import { sumsPath } from './sums-file.ts';

export type { Hole } from './sift.ts';

/** The line that stands for `missing` lines, under the number `seq`, newline included. */
export type LineForMissing = (seq: number, missing: number) => string;

export type RepairPlan = {
  /** Lines that are kept, and those that are lost. */
  readonly lines: number;
  readonly missing: number;
  /** Bytes that are not kept in the log. */
  readonly bytes: number;
  /** How many holes there are, and the first of them. */
  readonly count: number;
  readonly holes: readonly Hole[];
  /** Whether the log is a copy, which is fetched anew: nothing is lost. */
  readonly isCopy?: true;
};

export type Repaired = RepairPlan & {
  /** The file that holds the bytes which are not in the log any more; undefined where nothing had to be done. */
  readonly keptIn: string | undefined;
};

const MOST_SHOWN = 100;

/** What a repair would do to the log of this folder, up to `end`. */
export async function planRepair(folder: string, room: string, end?: number): Promise<RepairPlan> {
  const scan = await LogScan.open(folder, room, end);
  try {
    const counted = new Counted();
    for await (const sifted of sift(scan)) counted.count(sifted);
    return counted.plan;
  } finally {
    await scan.close();
  }
}

/** Repairs the log of this folder, which nobody may have open. */
export async function repairLog(disk: Disk, folder: string, room: string, lineFor: LineForMissing): Promise<Repaired> {
  const plan = await planRepair(folder, room);
  if (plan.count === 0) return { ...plan, keptIn: undefined };
  const keptIn = join(folder, `damaged.${randomBytes(4).toString('hex')}`);
  const part = `${logPath(folder)}.part`;
  removeIfThere(disk.fs, part);
  removeIfThere(disk.fs, `${sumsPath(folder)}.new`);
  const scan = await LogScan.open(folder, room);
  const aside = await open(keptIn, 'wx', 0o600);
  const fresh = await LineWriter.open(part);
  try {
    for await (const sifted of sift(scan)) {
      if (sifted.kind === 'line') {
        await fresh.add(sifted.bytes);
        continue;
      }
      const { offset, length, missing, seq } = sifted.hole;
      for await (const bytes of scan.bytes(offset, offset + length)) await aside.appendFile(bytes);
      if (missing > 0) await fresh.add(Buffer.from(lineFor(seq, missing)));
    }
    await fresh.finish(disk, `${sumsPath(folder)}.new`, room);
    await disk.syncs.sync(aside.fd);
  } finally {
    await Promise.all([scan.close(), aside.close(), fresh.close()]);
  }
  disk.fs.rename(part, freshPath(folder));
  await syncFolderInBackground(disk, folder);
  finishRepair(disk.fs, folder);
  await syncFolderInBackground(disk, folder);
  return { ...plan, keptIn };
}

/** Puts a repaired log in its place, which a crash may have kept it from. To be called before the log is opened. */
export function finishRepair(fs: FileSystem, folder: string): void {
  if (!existsSync(freshPath(folder))) return;
  const sums = sumsPath(folder);
  // The sums first: they fit the new log alone, and while that one lies beside the old one this is done again.
  if (existsSync(`${sums}.new`)) fs.rename(`${sums}.new`, sums);
  fs.rename(freshPath(folder), logPath(folder));
}

/** A repaired log that is whole and has its sums. */
function freshPath(folder: string): string {
  return `${logPath(folder)}.new`;
}

class Counted {
  #lines = 0;
  #missing = 0;
  #bytes = 0;
  #count = 0;
  readonly #holes: Hole[] = [];

  count(sifted: Sifted): void {
    if (sifted.kind === 'line') {
      this.#lines += 1;
      return;
    }
    this.#count += 1;
    this.#bytes += sifted.hole.length;
    this.#missing += sifted.hole.missing;
    if (this.#holes.length < MOST_SHOWN) this.#holes.push(sifted.hole);
  }

  get plan(): RepairPlan {
    return {
      lines: this.#lines,
      missing: this.#missing,
      bytes: this.#bytes,
      count: this.#count,
      holes: this.#holes,
    };
  }
}
