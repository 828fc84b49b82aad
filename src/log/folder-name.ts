// A room's name as the name of its folder: two rooms never share one, on any file system, and none leaves its parent.
// Must never let through a character whose case, Unicode form or meaning a file system could change.
import { createHash } from 'node:crypto';

const PLAIN = /^[a-z0-9_-]$/;
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
const RESERVED_ON_WINDOWS = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/;
const MAX_ENCODED_BYTES = 200;

/** Throws a RangeError for a name that no folder can stand for: an empty one, or one with half a surrogate pair. */
export function folderName(room: string): string {
  const bytes = Buffer.from(room);
  if (room === '' || bytes.toString() !== room) throw new RangeError('A room needs a name of whole characters.');
  let encoded = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    encoded += PLAIN.test(character) ? character : escaped(byte);
  }
  // One escape that the loop never makes, so it cannot meet another name's folder.
  if (RESERVED_ON_WINDOWS.test(encoded)) encoded = escaped(encoded.charCodeAt(0)) + encoded.slice(1);
  // `%` is followed by two hexadecimal digits in every other name.
  return encoded.length > MAX_ENCODED_BYTES ? `%sha256-${createHash('sha256').update(bytes).digest('hex')}` : encoded;
}

function escaped(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}
