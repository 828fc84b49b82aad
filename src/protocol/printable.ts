// Makes a text from somebody else safe to print: on a terminal, on the server's console, in an error's sentence.
// Never drops what it replaces: whoever tries an escape is seen trying. It replaces character by character and knows no
// sequences, so that one which is cut off, nested or not yet invented has nothing to slip through. Only of a heap of marks
// that no letter has, one replacement stands for all the rest.

import { MAX_MARKS_SHOWN } from './limits.ts';
import { exceedsCharacters } from './text.ts';

// C0, DEL and C1 drive a terminal; U+2028 and U+2029 end a line; the bidi marks, overrides and isolates and their
// deprecated kin show a text in another order than it is read in; half of a surrogate pair is not a character.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb]|\p{Surrogate}/gu;

// Marks, and invisible characters: those between marks do not keep them from piling up. A whole run is one match, so that
// each of them is looked at once.
const MARKS = /[\p{M}\p{Cf}]+/gu;

const NEWLINE_MARK = '⏎';
const TAB = '    ';
const REPLACEMENT = '\ufffd';

/** What most lines are: the long way costs three times as much. */
const PLAIN = /^[ -~]*$/;

function replace(character: string): string {
  const code = character.charCodeAt(0);
  if (character === '\t') return TAB;
  if (character === '\n') return NEWLINE_MARK;
  // U+2400 to U+2421 are the pictures of the control characters: ␛ for ESC.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : REPLACEMENT;
}

function boundMarks(run: string): string {
  if (!exceedsCharacters(run, MAX_MARKS_SHOWN)) return run;
  return [...run].slice(0, MAX_MARKS_SHOWN).join('') + REPLACEMENT;
}

/**
 * `text` on one line: a newline shows as ⏎, a tab as four spaces, anything else unsafe as one visible character. At most 30
 * marks stand in a row; one visible character stands for those beyond.
 */
export function printableLine(text: string): string {
  return PLAIN.test(text) ? text : text.replaceAll('\r\n', '\n').replace(UNSAFE, replace).replace(MARKS, boundMarks);
}

/** The lines of `text` (LF or CRLF between them), each printable. */
export function printableLines(text: string): string[] {
  return text.split(/\r?\n/).map(printableLine);
}
