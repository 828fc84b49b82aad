// Lines of a stream of bytes, parted by newlines alone. Never keeps more of a line than it takes to know that it is too
// long for a message.

const NEWLINE = 0x0a;

/** Each line without its newline or CRLF; one of more than `most` bytes comes cut off, but still longer than `most`. */
export async function* inputLines(input: AsyncIterable<Buffer>, most: number): AsyncGenerator<string> {
  let kept: Buffer[] = [];
  let bytes = 0;
  const keep = (part: Buffer): void => {
    // One more for a carriage return, and one more to be too long.
    const room = most + 2 - bytes;
    if (room <= 0) return;
    kept.push(part.subarray(0, room));
    bytes += Math.min(part.length, room);
  };
  const take = (): string => {
    const line = Buffer.concat(kept).toString();
    kept = [];
    bytes = 0;
    return line.replace(/\r$/, '');
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
