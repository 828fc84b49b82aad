// The answers under way on each connection: while there is one, nothing else may be written there. An upgrade that came
// right behind requests would get their answers among its frames.

import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Answers are written in the order of the requests, so the last one ends last. */
const last = new WeakMap<Duplex, ServerResponse>();

export function beginAnswer(socket: Duplex, response: ServerResponse): void {
  last.set(socket, response);
}

export function isAnswering(socket: Duplex): boolean {
  return last.get(socket)?.closed === false;
}

/** Answers with a whole body, and fields of its own after those that every answer has. */
export function answer(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
