// What a line of the log looks like from outside: how it begins, where its seq stands, how long it may be.
// Must never decode a whole line: replay sends the bytes as they are, at more than 1 GB/s.
import { isUtf8 } from 'node:buffer';

const MESSAGE = '{"type":"message","seq":';
const NOTICE = '{"type":"notice","seq":';
const LONGEST_SEQ = 16;
const MESSAGE_WORDS = Array.from({ length: MESSAGE.length / 4 }, (_, i) => Buffer.from(MESSAGE).readUInt32BE(i * 4));

/** A line of the log at its longest, its newline included. */
export const MAX_LINE_BYTES = 48 * 1024 + 1;
/** The bytes that hold every line's beginning and its seq. */
export const LINE_START_BYTES = MESSAGE.length + LONGEST_SEQ + 1;
/** The bytes that hold its time as well. */
export const LINE_HEAD_BYTES = LINE_START_BYTES + '"at":'.length + LONGEST_SEQ + 1;
export const NEWLINE = 0x0a;

/** The seq of the line that begins at `at`, or undefined where no line of a log begins. */
export function seqAt(bytes: Buffer, at: number): number | undefined {
  const head = bytes.toString('latin1', at, at + LINE_START_BYTES);
  const digits = head.startsWith(MESSAGE) ? MESSAGE.length : head.startsWith(NOTICE) ? NOTICE.length : -1;
  if (digits === -1) return undefined;
  const comma = head.indexOf(',', digits);
  const seq = Number(head.slice(digits, comma));
  return comma > digits && Number.isSafeInteger(seq) && seq > 0 && String(seq) === head.slice(digits, comma)
    ? seq
    : undefined;
}

/** When the line that begins at `at` was said, in milliseconds since 1970, where that follows its seq. */
export function timeAt(bytes: Buffer, at: number): number | undefined {
  const head = bytes.toString('latin1', at, at + LINE_HEAD_BYTES);
  const [, digits] = /^\{"type":"(?:message|notice)","seq":\d+,"at":(\d{1,16})[,}]/.exec(head) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Where the first bad line of these whole lines begins, or -1: a wrong beginning, a NUL, or bytes that are not UTF-8. */
export function firstBadLine(lines: Buffer): number {
  if (isUtf8(lines) && !lines.includes(0) && allBeginWell(lines)) return -1;
  for (let at = 0; at < lines.length; ) {
    const newline = lines.indexOf(NEWLINE, at);
    const end = newline === -1 ? lines.length : newline + 1;
    const line = lines.subarray(at, end);
    if (newline === -1 || !isUtf8(line) || line.includes(0) || seqAt(line, 0) === undefined) return at;
    at = end;
  }
  return -1;
}

function allBeginWell(lines: Buffer): boolean {
  const words = new DataView(lines.buffer, lines.byteOffset, lines.length);
  for (let at = 0; at < lines.length; ) {
    if (!beginsMessage(words, at) && lines.toString('latin1', at, at + NOTICE.length) !== NOTICE) return false;
    const newline = lines.indexOf(NEWLINE, at);
    if (newline === -1) return false;
    at = newline + 1;
  }
  return true;
}

/** Compares four bytes at a time: a string compared for each line would halve the speed of a replay. */
function beginsMessage(words: DataView, at: number): boolean {
  if (at + MESSAGE.length > words.byteLength) return false;
  for (let i = 0; i < MESSAGE_WORDS.length; i += 1) {
    if (words.getUint32(at + i * 4) !== MESSAGE_WORDS[i]) return false;
  }
  return true;
}
