// Splits what a text frame carries into its lines. Knows nothing of what a line says.

/**
 * The lines of one frame: each ended by a newline, which is optional after the last. A CR before the newline and blank
 * lines are passed over.
 */
export function* linesOf(frame: string): Generator<string, void, undefined> {
  for (let start = 0; start < frame.length; ) {
    let end = frame.indexOf('\n', start);
    if (end === -1) end = frame.length;
    const line = frame.slice(start, end).trim();
    start = end + 1;
    if (line !== '') yield line;
  }
}

/** UTF-8 bytes of a string, known without encoding where it cannot matter. */
export function exceedsBytes(text: string, most: number): boolean {
  if (text.length > most) return true;
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (text.length * 3 <= most) return false;
  return Buffer.byteLength(text) > most;
}
