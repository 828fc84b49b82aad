// JSON that is safe to print: one event is one line for every reader, and no control byte reaches a terminal raw.

// DEL, C1, the Unicode line ends, and the bidi controls, which JSON.stringify leaves as they are; and what a stranger may
// have put between the tokens, where alone JSON may hold it.
const UNSAFE = /[\t\r\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What most JSON is: looking for each unsafe character costs more than twice as much. */
const PLAIN = /^[ -~]*$/;

const toEscape = (character: string): string =>
  character < ' ' ? ' ' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON text with every unsafe character as an escape: the same value, printable anywhere. */
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
