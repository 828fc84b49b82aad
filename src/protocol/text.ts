// Splits what a text frame carries into its lines, and measures texts. Knows nothing of what a line says.

/**
 * The lines of one frame, one at a time: each ended by a newline, which is optional after the last. A CR before the
 * newline and blank lines are passed over.
 */
export class FrameLines {
  #start = 0;
  /** Lines so far, blank ones too. */
  passed = 0;
  readonly #frame: string;

  constructor(frame: string) {
    this.#frame = frame;
  }

  /** The next line, or undefined after the last. */
  next(): string | undefined {
    const frame = this.#frame;
    while (this.#start < frame.length) {
      let end = frame.indexOf('\n', this.#start);
      if (end === -1) end = frame.length;
      const line = frame.slice(this.#start, end).trim();
      this.#start = end + 1;
      this.passed++;
      if (line !== '') return line;
    }
    return undefined;
  }
}

/** The same to iterate over, for where a few nanoseconds a line do not matter. */
export function* linesOf(frame: string): Generator<string, void, undefined> {
  const lines = new FrameLines(frame);
  for (let line = lines.next(); line !== undefined; line = lines.next()) yield line;
}

const utf8 = new TextEncoder();

/** What a text takes in UTF-8. */
export function utf8Bytes(text: string): number {
  return utf8.encode(text).length;
}

/** UTF-8 bytes of a string, known without encoding where it cannot matter. */
export function exceedsBytes(text: string, most: number): boolean {
  if (text.length > most) return true;
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (text.length * 3 <= most) return false;
  return utf8Bytes(text) > most;
}

/** Whether a text has more code points, known without counting where it cannot matter. */
export function exceedsCharacters(text: string, most: number): boolean {
  return text.length > most * 2 || (text.length > most && [...text].length > most);
}
