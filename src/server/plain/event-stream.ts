// Lines of a log as server-sent events (HTML §9.2): the id of each is its seq, so that a browser resumes by itself.

import type { Refusal } from '../../websocket/index.ts';

const SEQ = /"seq":(\d+)/;

/** A comment, to show that the server is there. */
export const EVENT_BEAT = Buffer.from(':\n\n');

/** Whole lines of a log. */
export function eventsOf(lines: Buffer): Buffer {
  const text = lines.toString();
  let events = '';
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(at, end);
    // It stands at the beginning of every line.
    const [, seq] = SEQ.exec(line.slice(0, 64)) ?? [];
    events += `id: ${seq}\ndata: ${line}\n\n`;
    at = end + 1;
  }
  return Buffer.from(events);
}

/**
 * A refusal as an EventSource understands it: one that passes is an empty stream that says when to come back, since after any
 * status but 200 no browser comes back by itself (HTML §9.2.3).
 */
export function forEvents(refusal: Refusal): Refusal {
  const after = refusal.headers['Retry-After'];
  if (after === undefined) return refusal;
  const headers = { ...refusal.headers, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' };
  return { status: 200, headers, message: `: ${refusal.message}\nretry: ${Number(after) * 1_000}\n` };
}
