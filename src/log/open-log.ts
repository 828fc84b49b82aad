// Opens a room's log: finds its end, cuts off a torn tail, sets the mark, and answers where the sequence goes on.
// Must never read more than the log's end, nor start a sequence again that somebody has seen.
import { join } from 'node:path';
import { CheckedReader } from './checked-reader.ts';
import { DamagedError, isOutOfSpace } from './errors.ts';
import { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } from './file-system.ts';
import type { Disk } from './files.ts';
import { OpenMark } from './open-mark.ts';
import type { Report } from './report.ts';
import { writeAnew } from './rewrite.ts';
import { Sums } from './sums.ts';
import { sumsPath } from './sums-file.ts';
import { isLoss } from './sync-queue.ts';
import { findTail, TornTail } from './tail.ts';

/** When lines are synced: once a second, before they are told, or never. */
export type SyncMode = 'interval' | 'always' | 'off';

export type OpenedLog = {
  readonly fd: number;
  readonly mark: OpenMark;
  readonly sums: Sums;
  /** The bytes of whole lines in the file. */
  readonly end: number;
  /** What is still behind them, because the disk is too full to keep it aside: to be cut before the next append. */
  readonly tornTail: TornTail | undefined;
  /** The seq of the last of them, 0 where there is none. */
  readonly lastLine: number;
  /** Where the sequence goes on. */
  readonly lastSeq: number;
  /** Whether all of it is known to be synced. */
  readonly synced: boolean;
};

export type OpenLogOptions = {
  readonly disk: Disk;
  readonly sync: SyncMode;
  readonly bootId: string;
  readonly report: Report;
  syncFailed(error: unknown): void;
};

export function logPath(folder: string): string {
  return join(folder, 'log.ndjson');
}

/**
 * Opens the log in `folder`, or makes it where a server went down before it had. What has to be synced before its end
 * counts is synced in the background. Rejects with DamagedError, and with what the system says.
 */
export async function openLog(folder: string, room: string, options: OpenLogOptions): Promise<OpenedLog> {
  const { disk, report } = options;
  const { fs } = disk;
  const path = logPath(folder);
  const fd = fs.open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    const { size } = fs.status(fd);
    const { end, lastSeq: lastLine } = findTail(fs, fd, size, room);
    const sums = openSums(fd, folder, { end, size }, room, options);
    const tornTail = end < size ? await cutOrLeave(folder, fd, end, size, room, options) : undefined;
    const mark = new OpenMark(disk, folder, options.bootId);
    const found = mark.set(lastLine);
    const { lastSeq, skippedFrom, clean, doubtfulFrom } = found;
    if (skippedFrom !== undefined) report({ kind: 'seq-skipped', room, from: skippedFrom, to: lastSeq });
    await orStop(options, async () => {
      if (doubtfulFrom !== undefined) await writeAnew(disk, path, doubtfulFrom, end);
      if (!clean) await mark.secure(found);
      // What an earlier server appended and did not sync counts as durable from here on.
      if (options.sync === 'always') await disk.syncs.sync(fd);
    });
    return { fd, mark, sums, end, tornTail, lastLine, lastSeq, synced: clean || options.sync === 'always' };
  } catch (error) {
    fs.close(fd);
    throw error;
  }
}

/** The sums of a log whose whole lines end at `end`. Throws DamagedError where its end is not what it was. */
function openSums(
  fd: number,
  folder: string,
  { end, size }: { readonly end: number; readonly size: number },
  room: string,
  { disk: { fs }, report }: OpenLogOptions,
): Sums {
  const sums = new Sums(fs, sumsPath(folder), room, 'write', () =>
    report({ kind: 'without-sums', room, reason: 'they are damaged themselves and are made again' }),
  );
  const bytes = sums.fit(size);
  if (bytes > 0) report({ kind: 'log-shorter', room, bytes });
  // What has a sum was synced: no power loss tears it, and the sequence goes on from the number in its last line.
  const torn = end < size ? sums.blockAt(end) : undefined;
  if (torn !== undefined) throw new DamagedError(room, torn.start, torn.end);
  new CheckedReader(fs, room, sums).checkBefore(fd, end);
  return sums;
}

/** A room on a full disk can still be read: what cannot be kept aside is left where it is for now. */
async function cutOrLeave(
  folder: string,
  fd: number,
  end: number,
  size: number,
  room: string,
  { disk, report }: OpenLogOptions,
): Promise<TornTail | undefined> {
  const tornTail = new TornTail(folder, end, size, (keptIn, bytes) =>
    report({ kind: 'torn-tail', room, bytes, keptIn }),
  );
  try {
    await tornTail.cutInBackground(disk, fd);
    return undefined;
  } catch (error) {
    if (isOutOfSpace(error)) return tornTail;
    throw error;
  }
}

/** A disk that has lost something is not to be trusted with more: the server has to stop. */
async function orStop({ syncFailed }: OpenLogOptions, syncs: () => Promise<void>): Promise<void> {
  try {
    await syncs();
  } catch (error) {
    if (isLoss(error)) syncFailed(error);
    throw error;
  }
}
