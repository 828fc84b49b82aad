// What is read of the lines of a batch without decoding them.

const NEWLINE = 0x0a;
/** The time stands near the beginning of a line. */
const HEAD_BYTES = 200;

export function linesIn(buffer: Buffer, from: number): number {
  let count = 0;
  for (let at = buffer.indexOf(NEWLINE, from); at !== -1; at = buffer.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** When the last of these lines was said: milliseconds since 1970. */
export function lastAtOf(lines: Buffer): number {
  const start = lines.lastIndexOf(NEWLINE, lines.length - 2) + 1;
  const at = /"at":(\d+)/.exec(lines.toString('latin1', start, Math.min(lines.length, start + HEAD_BYTES)))?.[1];
  return Number(at ?? 0);
}
