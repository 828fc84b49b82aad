// A speaker hears nothing but its own lines, also in a replay.

/** The message lines of `chunk` (whole lines of a log) whose author is `id`, as text. */
export function ownLines(chunk: Buffer, id: string): string {
  // Ids need no escapes in JSON, and inside a text the quotes would have one: only the field itself matches.
  const field = `,"id":"${id}","nick":`;
  let own = '';
  for (let at = chunk.indexOf(field); at !== -1; at = chunk.indexOf(field, at)) {
    const start = chunk.lastIndexOf('\n', at) + 1;
    const end = chunk.indexOf('\n', at) + 1;
    own += chunk.toString('utf8', start, end);
    at = end;
  }
  return own;
}
