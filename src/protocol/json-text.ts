// JSON that is safe to print: one event is one line for every reader, and no control byte reaches a terminal raw.

// DEL, C1, the Unicode line ends, the bidi controls and their kin, which JSON.stringify leaves as they are; and C0, which
// somebody else's JSON may hold between its tokens, where some are blanks, and what is no JSON anywhere.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb]/g;

/** What most JSON is: looking for each unsafe character costs more than twice as much. */
const PLAIN = /^[ -~]*$/;

const BLANK = /[\t\r\n]/;

const toEscape = (character: string): string =>
  BLANK.test(character) ? ' ' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * JSON text with every unsafe character as an escape: the same value, printable anywhere. Any other text is printable on
 * one line afterwards as well.
 */
export function escapeUnsafe(json: string): string {
  return PLAIN.test(json) ? json : json.replace(UNSAFE, toEscape);
}

/** What stands in JSON as it is. */
const VERBATIM = /^[ !#-[\]-~]*$/;

/** A string as JSON, safe to print. */
export function safeJsonString(text: string): string {
  // JSON.stringify takes three times as long as the look.
  return VERBATIM.test(text) ? `"${text}"` : escapeUnsafe(JSON.stringify(text));
}

/** JSON of one value on one line, safe to print. */
export function safeJson(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value));
}
