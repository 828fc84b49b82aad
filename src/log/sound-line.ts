// Whether a line is one that a server may have written, every field of it. For what does not have to be fast.
import { isUtf8 } from 'node:buffer';
import { MAX_LINE_BYTES, seqAt } from './lines.ts';

/** The seq of a line, its newline left out, or what is wrong with it. */
export function seqOfSoundLine(line: Buffer): number | string {
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
  if (seqAt(line, 0) !== seq) return 'line that does not start as a line of a log does';
  if (typeof at !== 'number' || typeof text !== 'string') return 'line without a time or a text';
  if (type === 'notice') return seq;
  if (typeof id !== 'string' || typeof nick !== 'string') return 'message without an id or a nick';
  return ref === undefined || typeof ref === 'string' ? seq : 'message whose ref is not a string';
}
