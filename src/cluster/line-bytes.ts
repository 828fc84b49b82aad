// What is read of the lines of a batch without decoding them.

const NEWLINE = 0x0a;
/** Number and time stand near the beginning of a line. */
const HEAD_BYTES = 200;

export function linesIn(buffer: Buffer): number {
  let count = 0;
  for (let at = buffer.indexOf(NEWLINE); at !== -1; at = buffer.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** When the last of these lines was said: milliseconds since 1970. */
export function lastAtOf(lines: Buffer): number {
  return Number(/"at":(\d+)/.exec(lastHeadOf(lines))?.[1] ?? 0);
}

/** The number of the last of these lines. A log of before it was in a cluster has gaps: counting lines does not tell. */
export function lastSeqOf(lines: Buffer): number {
  return Number(/"seq":(\d+)/.exec(lastHeadOf(lines))?.[1] ?? 0);
}

function lastHeadOf(lines: Buffer): string {
  const start = lines.lastIndexOf(NEWLINE, lines.length - 2) + 1;
  return lines.toString('latin1', start, Math.min(lines.length, start + HEAD_BYTES));
}
