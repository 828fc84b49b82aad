// Lines of a stream of bytes, parted by newlines alone. Never keeps more of a line than it takes to know that it is too
// long for a message.

const NEWLINE = 0x0a;

const RETURN = 0x0d;

/** Each line without its newline or CRLF; one of more than `most` bytes comes cut off, but still longer than `most`. */
export async function* inputLines(input: AsyncIterable<Buffer>, most: number): AsyncGenerator<string> {
  for await (const line of inputLineBytes(input, most)) yield line.toString();
}

/** The same lines as they came. */
export async function* inputLineBytes(input: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let kept: Buffer[] = [];
  let bytes = 0;
  const keep = (part: Buffer): void => {
    // One more for a carriage return, and one more to be too long.
    const room = most + 2 - bytes;
    if (room <= 0) return;
    kept.push(part.subarray(0, room));
    bytes += Math.min(part.length, room);
  };
  const take = (): Buffer => {
    const line = Buffer.concat(kept);
    kept = [];
    bytes = 0;
    return line.at(-1) === RETURN ? line.subarray(0, -1) : line;
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (bytes > 0) yield take();
}
