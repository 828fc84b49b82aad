// Finds a seq by binary search on byte offsets, and the last so many lines by walking back from the end.
// Must never hold an index, nor read more than a few small pieces for a seq, however long the log.
import { DamagedError } from './errors.ts';
import { readFully, readFullyInBackground } from './files.ts';
import { LINE_START_BYTES, MAX_LINE_BYTES, NEWLINE, seqAt } from './lines.ts';
import type { Cursor } from './room-log.ts';
import { cursorAt, endOfLine, type LogFile } from './tail.ts';

const PROBE_BYTES = 1024;
/** Once the answer is within so many bytes, reading them costs less than another probe. */
const SCAN_BYTES = 8 * 1024;
const STEP = 64 * 1024;

/** The cursor behind the last line whose seq is at most `seq`, among the lines before `end`. Throws DamagedError. */
export function searchAfter(file: LogFile, seq: number, end: number): Cursor {
  // The line at `low` is at most `seq` (or `low` is the start); the answer is at most `found`, a line's start or `end`.
  let low = 0;
  let high = end;
  let found = end;
  while (high - low > SCAN_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const line = nextLine(file, middle, found);
    if (line === undefined || line.seq > seq) {
      if (line !== undefined) found = line.start;
      high = middle;
    } else {
      low = line.start;
    }
  }
  return scan(file, seq, low, found);
}

/** The first line that begins behind `position` and before `end`. */
function nextLine(file: LogFile, position: number, end: number): { start: number; seq: number } | undefined {
  let size = PROBE_BYTES;
  for (;;) {
    const bytes = readAt(file, position, Math.min(size, end - position));
    const newline = bytes.indexOf(NEWLINE);
    const start = position + newline + 1;
    if (newline !== -1 && start >= end) return undefined;
    // The seq has to be whole as well: a read that ends in the middle of it is made again, longer.
    if (newline !== -1 && (newline + 1 + LINE_START_BYTES <= bytes.length || bytes.length === end - position)) {
      return { start, seq: wellBegun(file, bytes, newline + 1, start) };
    }
    if (size > MAX_LINE_BYTES) throw new DamagedError(file.room, position);
    if (bytes.length === end - position) return undefined;
    size *= 8;
  }
}

/** Walks the lines from `from` until one is over `seq`, `end` at the latest. */
function scan(file: LogFile, seq: number, from: number, end: number): Cursor {
  let lineBefore: number | undefined;
  let position = from;
  while (position < end) {
    const bytes = readAt(file, position, Math.min(STEP, end - position));
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    if (whole === 0) throw new DamagedError(file.room, position);
    for (let at = 0; at < whole; ) {
      if (wellBegun(file, bytes, at, position + at) > seq) return cursorAt(file, position + at, lineBefore);
      lineBefore = position + at;
      at = bytes.indexOf(NEWLINE, at) + 1;
    }
    position += whole;
  }
  return cursorAt(file, position, lineBefore);
}

/** The cursor of the line that holds byte `position`, or begins there. Throws DamagedError. */
export function searchAt(file: LogFile, position: number): Cursor {
  return cursorAt(file, endOfLine(file.fs, file.fd, position));
}

/** The cursor of the last `count` lines before `end`; reads in the background, however many they are. */
export async function searchLast(file: LogFile, count: number, end: number): Promise<Cursor> {
  let wanted = count;
  let position = count > 0 ? 0 : end;
  const chunk = Buffer.allocUnsafe(Math.min(STEP, end));
  // The newline at the very end closes the last line: the one before its beginning is the first that counts.
  for (let to = end - 1; to > 0 && wanted > 0; to -= chunk.length) {
    const from = Math.max(0, to - chunk.length);
    const part = chunk.subarray(0, to - from);
    const read = await readFullyInBackground(file.fs, file.fd, part, from);
    if (read < part.length) throw new DamagedError(file.room, from + read);
    for (let at = to - from; wanted > 0; ) {
      at = at > 0 ? chunk.lastIndexOf(NEWLINE, at - 1) : -1;
      if (at === -1) break;
      wanted -= 1;
      if (wanted === 0) position = from + at + 1;
    }
  }
  return cursorAt(file, position);
}

function readAt(file: LogFile, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readFully(file.fs, file.fd, bytes, position));
}

function wellBegun(file: LogFile, bytes: Buffer, at: number, position: number): number {
  const seq = seqAt(bytes, at);
  if (seq === undefined) throw new DamagedError(file.room, position);
  return seq;
}
