// Reads a whole log and says what is wrong with it and where, for `admin verify`.
// Must never write, nor hold more than a chunk of the log in memory.
import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { folderName } from './folder-name.ts';
import { MAX_LINE_BYTES, NEWLINE } from './lines.ts';
import { roomsPath } from './list-rooms.ts';
import { logPath } from './open-log.ts';

/** `offset` is the byte at which the bad line begins. */
export type Problem = { readonly offset: number; readonly reason: string };
export type Verified = {
  readonly bytes: number;
  readonly lines: number;
  readonly problems: number;
  readonly lastSeq: number;
};

const CHUNK_BYTES = 256 * 1024;

/** Checks the log of a room of a data directory, running or not, up to where it ends now. */
export async function verifyRoom(
  directory: string,
  room: string,
  onProblem: (problem: Problem) => void,
): Promise<Verified> {
  const file = await open(logPath(join(roomsPath(directory), folderName(room))));
  try {
    const { size } = await file.stat();
    return await verifyLines(file, size, onProblem);
  } finally {
    await file.close();
  }
}

async function verifyLines(file: FileHandle, size: number, onProblem: (problem: Problem) => void): Promise<Verified> {
  let lines = 0;
  let problems = 0;
  let lastSeq = 0;
  const found = (offset: number, reason: string) => {
    problems += 1;
    onProblem({ offset, reason });
  };
  const check = (line: Buffer, offset: number) => {
    lines += 1;
    const seq = seqOfSoundLine(line);
    if (typeof seq === 'string') return found(offset, seq);
    if (seq <= lastSeq) found(offset, `seq ${seq} does not rise above ${lastSeq}`);
    lastSeq = Math.max(lastSeq, seq);
  };

  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  // `lineStart` is where the line at hand begins; one that is too long is skipped to its newline.
  let lineStart = 0;
  let tooLong = false;
  for (let position = 0; position < size; ) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK_BYTES, size - position), position);
    if (bytesRead === 0) break;
    let at = 0;
    for (let newline = chunk.indexOf(NEWLINE, at); newline !== -1 && newline < bytesRead; ) {
      if (!tooLong) check(chunk.subarray(at, newline), position + at);
      tooLong = false;
      at = newline + 1;
      lineStart = position + at;
      newline = chunk.indexOf(NEWLINE, at);
    }
    if (bytesRead - at > MAX_LINE_BYTES && !tooLong) {
      found(lineStart, `line of more than ${MAX_LINE_BYTES} bytes`);
      lines += 1;
      tooLong = true;
    }
    position = tooLong || position + bytesRead === size ? position + bytesRead : lineStart;
  }
  if (lineStart < size && !tooLong) found(lineStart, 'the last line has no end');
  return { bytes: size, lines, problems, lastSeq };
}

/** The seq of a line, its newline left out, or what is wrong with it. */
function seqOfSoundLine(line: Buffer): number | string {
  if (line.length >= MAX_LINE_BYTES) return `line of more than ${MAX_LINE_BYTES} bytes`;
  if (line.includes(0)) return 'line with a NUL';
  if (!isUtf8(line)) return 'line that is not UTF-8';
  let value: unknown;
  try {
    value = JSON.parse(line.toString());
  } catch {
    return 'line that is not JSON';
  }
  if (typeof value !== 'object' || value === null) return 'line that is not an object';
  const { type, seq, at, text, id, nick, ref }: Partial<Record<string, unknown>> = { ...value };
  if (type !== 'message' && type !== 'notice') return 'line that is neither a message nor a notice';
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) return 'line without a valid seq';
  if (typeof at !== 'number' || typeof text !== 'string') return 'line without a time or a text';
  if (type === 'notice') return seq;
  if (typeof id !== 'string' || typeof nick !== 'string') return 'message without an id or a nick';
  return ref === undefined || typeof ref === 'string' ? seq : 'message whose ref is not a string';
}
