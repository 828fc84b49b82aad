// Reads HTTP header fields as they came: names and values in one flat list. Linear in what it is given, and never an
// object keyed by what a stranger chose. Never falls back on a parsed headers object, which merges and drops.

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The values of all fields of this name (lower case), in order. */
export function fieldValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const field = rawHeaders[i] ?? '';
    // Most names differ in length: only the others are worth a copy in lower case.
    if (field.length === name.length && field.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}

/** The value of a field that has to stand there exactly once. */
export function singleField(rawHeaders: readonly string[], name: string): string | undefined {
  const values = fieldValues(rawHeaders, name);
  return values.length === 1 ? values[0]?.trim() : undefined;
}

/** A comma-separated list of tokens over all fields of this name; `undefined` when something in it is not a token. */
export function tokenList(rawHeaders: readonly string[], name: string): string[] | undefined {
  const values = fieldValues(rawHeaders, name);
  const tokens: string[] = [];
  for (const part of values.join(',').split(',')) {
    const token = part.trim();
    // RFC 9110 §5.6.1.2: empty elements are to be ignored.
    if (token === '') continue;
    if (!isToken(token)) return undefined;
    tokens.push(token);
  }
  // RFC 9110 §5.6.1: the lists of this protocol have at least one element.
  return values.length > 0 && tokens.length === 0 ? undefined : tokens;
}

/** Whether a list of tokens over all fields of this name has this one (lower case), in any case. */
export function hasToken(rawHeaders: readonly string[], name: string, token: string): boolean {
  return tokenList(rawHeaders, name)?.some((item) => item.toLowerCase() === token) ?? false;
}
