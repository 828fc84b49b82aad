// Rows for an output that is a terminal. A line that the terminal breaks by itself can put somebody's text where a line of
// its own begins; one that is broken here cannot.

/** What breaks a printable line into rows of the terminal that `stream` is; undefined where it is none. */
export async function rowsOf(stream: NodeJS.WriteStream): Promise<((line: string) => string) | undefined> {
  if (!stream.isTTY) return undefined;
  const { UNSTYLED, wrap } = await import('../terminal/index.ts');
  // A terminal that does not know its size says 0.
  return (line) => wrap(line, stream.columns || 80, UNSTYLED);
}
