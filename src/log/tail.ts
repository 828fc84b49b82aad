// The end of a log: the last whole line and its seq, from as few bytes as possible, and the cutting of a torn tail.
// Must never read more of a sound log than its end, nor drop a byte that it has not kept aside.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DamagedError } from './errors.ts';
import { type FileSystem, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } from './file-system.ts';
import { type Disk, readFully, syncFolder, syncFolderInBackground, writeAll } from './files.ts';
import { LINE_HEAD_BYTES, NEWLINE, seqAt, timeAt } from './lines.ts';
import type { Cursor } from './room-log.ts';

const STEP = 64 * 1024;

export type LogFile = { readonly fs: FileSystem; readonly fd: number; readonly room: string };

/** The end of the last whole line, in bytes, and that line's seq (0 and 0 where there is none). */
export type Tail = { readonly end: number; readonly lastSeq: number };

/**
 * Finds the last whole line at or before `size`. A line with a NUL at the very end is torn too: no server writes one,
 * and a file system that had grown the file before it had the bytes leaves them. Throws DamagedError.
 */
export function findTail(fs: FileSystem, fd: number, size: number, room: string): Tail {
  for (let end = endOfLine(fs, fd, size); end > 0; ) {
    const start = endOfLine(fs, fd, end - 1);
    if (!hasNul(fs, fd, start, end)) return { end, lastSeq: seqOf(headOfLine(fs, fd, start, end), room, start) };
    end = start;
  }
  return { end: 0, lastSeq: 0 };
}

/** The cursor at `position`, where the log begins or the line ends that begins at `lineBefore`. Throws DamagedError. */
export function cursorAt({ fs, fd, room }: LogFile, position: number, lineBefore?: number): Cursor {
  if (position === 0) return { position, after: 0 };
  const start = lineBefore ?? endOfLine(fs, fd, position - 1);
  const head = headOfLine(fs, fd, start, position);
  return { position, after: seqOf(head, room, start), at: timeAt(head, 0) };
}

/** What stands behind the last whole line, from `end` to `size` in bytes, until it is cut off. */
export class TornTail {
  readonly #end: number;
  readonly #size: number;
  readonly #folder: string;
  readonly #cut: (keptIn: string, bytes: number) => void;

  /** `cut` is told the file that keeps the bytes, and how many they are. */
  constructor(folder: string, end: number, size: number, cut: (keptIn: string, bytes: number) => void) {
    this.#folder = folder;
    this.#end = end;
    this.#size = size;
    this.#cut = cut;
  }

  /** Keeps the bytes aside in a file of their own and cuts the log. */
  async cutInBackground(disk: Disk, fd: number): Promise<void> {
    const keptIn = copyAside(disk.fs, this.#folder, fd, this.#end, this.#size);
    try {
      await disk.syncs.syncAt(keptIn);
      await syncFolderInBackground(disk, this.#folder);
    } catch (error) {
      disk.fs.remove(keptIn);
      throw error;
    }
    this.#truncate(disk.fs, fd, keptIn);
  }

  /** The same in this turn: for one that could not be cut when the log was opened, before its first append. */
  cut(fs: FileSystem, fd: number): void {
    const keptIn = copyAside(fs, this.#folder, fd, this.#end, this.#size);
    const aside = fs.open(keptIn, O_RDONLY | O_NOFOLLOW);
    try {
      fs.sync(aside);
    } finally {
      fs.close(aside);
    }
    syncFolder(fs, this.#folder);
    this.#truncate(fs, fd, keptIn);
  }

  #truncate(fs: FileSystem, fd: number, keptIn: string): void {
    fs.truncate(fd, this.#end);
    this.#cut(keptIn, this.#size - this.#end);
  }
}

/** One past the last newline before `limit`, in steps back from there; 0 where there is none. */
export function endOfLine(fs: FileSystem, fd: number, limit: number): number {
  const chunk = Buffer.allocUnsafe(Math.min(STEP, limit));
  for (let to = limit; to > 0; to -= chunk.length) {
    const from = Math.max(0, to - chunk.length);
    const part = chunk.subarray(0, readFully(fs, fd, chunk.subarray(0, to - from), from));
    const newline = part.lastIndexOf(NEWLINE);
    if (newline !== -1) return from + newline + 1;
  }
  return 0;
}

function hasNul(fs: FileSystem, fd: number, from: number, to: number): boolean {
  const chunk = Buffer.allocUnsafe(Math.min(STEP, to - from));
  for (let at = from; at < to; at += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, to - at));
    if (part.subarray(0, readFully(fs, fd, part, at)).includes(0)) return true;
  }
  return false;
}

function headOfLine(fs: FileSystem, fd: number, start: number, end: number): Buffer {
  const head = Buffer.allocUnsafe(Math.min(end - start, LINE_HEAD_BYTES));
  return head.subarray(0, readFully(fs, fd, head, start));
}

function seqOf(head: Buffer, room: string, start: number): number {
  const seq = seqAt(head, 0);
  if (seq === undefined) throw new DamagedError(room, start);
  return seq;
}

function copyAside(fs: FileSystem, folder: string, fd: number, from: number, to: number): string {
  const path = join(folder, `torn-tail.${from}.${randomBytes(4).toString('hex')}`);
  const aside = fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const chunk = Buffer.allocUnsafe(Math.min(STEP, to - from));
    for (let at = from; at < to; at += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, to - at));
      writeAll(fs, aside, part.subarray(0, readFully(fs, fd, part, at)));
    }
  } catch (error) {
    fs.remove(path);
    throw error;
  } finally {
    fs.close(aside);
  }
  return path;
}
