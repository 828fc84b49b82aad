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
