// The file `log.sums` beside a log: a CRC-32 for each block of it. Only where a block lies and how its record is written.
// Must never be taken for damage of the log where a record's own check does not fit: then the sums are what is broken.
import { join } from 'node:path';
import { systemCode } from './errors.ts';
import { type FileSystem, O_APPEND, O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } from './file-system.ts';
import { readFully, writeAll } from './files.ts';

/**
 * Whole lines of a log, from byte `start` up to `end`. `sum` goes on from `before`, that of the block before it, so that
 * many blocks side by side are checked by one sum: Node's takes longer to be called than for a kilobyte.
 */
export type Block = { readonly start: number; readonly end: number; readonly before: number; readonly sum: number };

/**
 * A block is the lines that begin in one window of the log, so that a position says which record is its own. A little
 * less than 4 KiB: sixteen blocks, and the line by which they are longer, fill a chunk of 64 KiB.
 */
export const WINDOW_BYTES = 4072;
/** Header and records are of one size, which divides a disk's sector: the header is the record before the first. */
export const RECORD_BYTES = 16;
const HEADER = Buffer.from('roomchat sums 1\n');
const SUM_AT = 8;
/** The `before` of the first block. */
export const FIRST_SUM = HEADER.readUInt32LE(SUM_AT);
/** So that a record of NULs is none. */
const SALT = 0x726f6f6d;

export function sumsPath(folder: string): string {
  return join(folder, 'log.sums');
}

/** The window in which a line that begins at `position` begins: the index of its block's record. */
export function windowOf(position: number): number {
  return Math.floor(position / WINDOW_BYTES);
}

/** Where the record of a block lies in the file. */
export function recordAt(index: number): number {
  return HEADER.length + index * RECORD_BYTES;
}

/** Opens a file of sums to read; undefined where there is none. */
export function openSums(fs: FileSystem, path: string): number | undefined {
  try {
    return fs.open(path, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** How many records an open file holds; 0 as well for a file of a later version. */
export function countRecords(fs: FileSystem, fd: number): number {
  const { size } = fs.status(fd);
  const header = Buffer.alloc(HEADER.length);
  if (readFully(fs, fd, header, 0) < HEADER.length || !header.equals(HEADER)) return 0;
  return Math.floor((size - HEADER.length) / RECORD_BYTES);
}

/** Writes the blocks, which follow one another, in place of the records from the first one's own on. */
export function writeBlocks(fs: FileSystem, path: string, blocks: readonly Block[], from: number): void {
  const fd = fs.open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    fs.truncate(fd, from === 0 ? 0 : recordAt(from));
    writeAll(fs, fd, Buffer.concat([...(from === 0 ? [HEADER] : []), ...recordsOf(blocks, from)]));
  } finally {
    fs.close(fd);
  }
}

/** The records of blocks from the one of window `from` on; a window in which no line begins has one as well. */
function* recordsOf(blocks: readonly Block[], from: number): Generator<Buffer> {
  let next = from;
  for (const { start, end, before, sum } of blocks) {
    const index = windowOf(start);
    for (; next < index; next += 1) yield record(0, 0, before);
    yield record(start - index * WINDOW_BYTES, end - start, sum);
    next += 1;
  }
}

function record(offset: number, length: number, sum: number): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.writeUInt32LE(offset, 0);
  bytes.writeUInt32LE(length, 4);
  bytes.writeUInt32LE(sum, SUM_AT);
  bytes.writeUInt32LE(checkOf(offset, length, sum), 12);
  return bytes;
}

function checkOf(offset: number, length: number, sum: number): number {
  return (sum ^ (offset << 16) ^ length ^ SALT) >>> 0;
}

/**
 * The block of window `index`, whose record is at `at`, behind the one before it. `empty` where no line begins in the
 * window, undefined where a record is missing or broken.
 */
export function blockAt(records: Buffer, at: number, index: number): Block | 'empty' | undefined {
  if (at + RECORD_BYTES > records.length) return undefined;
  if (!isWhole(records, at) || (index > 0 && !isWhole(records, at - RECORD_BYTES))) return undefined;
  const length = records.readUInt32LE(at + 4);
  if (length === 0) return 'empty';
  const start = index * WINDOW_BYTES + records.readUInt32LE(at);
  const before = records.readUInt32LE(at - RECORD_BYTES + SUM_AT);
  return { start, end: start + length, before, sum: records.readUInt32LE(at + SUM_AT) };
}

function isWhole(records: Buffer, at: number): boolean {
  const offset = records.readUInt32LE(at);
  const check = checkOf(offset, records.readUInt32LE(at + 4), records.readUInt32LE(at + SUM_AT));
  return records.readUInt32LE(at + 12) === check && offset < WINDOW_BYTES;
}
