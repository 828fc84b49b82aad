// Generated texts that try to drive a terminal, and a check that is written apart from the code under test:
// by code point, not by pattern.
import fc from 'fast-check';

const ESCAPES = [
  '\x1b]52;c;',
  '\x1b]0;',
  '\x1b[2J',
  '\x1b[',
  '\x1bP',
  '\x1b\\',
  '\x9b',
  '\x9d',
  '\x07',
  '\r\n',
  '\x1b',
];

/** Any UTF-16 units, lone surrogates among them, mixed with beginnings and ends of escape sequences. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...ESCAPES),
      fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0x2000, max: 0x2070 }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''));

function isUnsafe(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  if (code === 0x061c || code === 0x200e || code === 0x200f) return true;
  if (code >= 0x2028 && code <= 0x202e) return true;
  if (code >= 0x2066 && code <= 0x206f) return true;
  return code >= 0xd800 && code <= 0xdfff;
}

/** The code points of `text`, in hexadecimal, that must not reach a terminal. */
export function unsafeCharacters(text: string): string[] {
  const unsafe: string[] = [];
  for (const character of text) {
    const code = character.codePointAt(0);
    if (code !== undefined && isUnsafe(code)) unsafe.push(code.toString(16));
  }
  return unsafe;
}
