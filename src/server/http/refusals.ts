// The refusals of upgrades and plain requests that the server decides, beside those of the handshake itself. Each says what
// to do.

import type { Refusal } from '../../websocket/index.ts';
import type { OriginRefusal } from './origin.ts';

export const MOST_HEADERS = 100;

function refusal(status: number, message: string, headers: Record<string, string> = {}): Refusal {
  return { status, headers, message };
}

export const noRequest = refusal(400, 'This is not an HTTP request.');
export const tooSlow = refusal(408, 'The request did not come in time.');
export const headersTooLarge = refusal(431, 'The headers of the request are too large.');
export const tooManyHeaders = refusal(431, 'The request has too many headers.');
/** Two answers at once would run into each other, and into the WebSocket's frames. */
export const upgradeTooEarly = refusal(400, 'An upgrade has to wait until earlier requests are answered.');
export const malformedPath = refusal(400, 'The path is not properly encoded.');
export const anotherSite = refusal(403, 'Refused: the request comes from a page of another site.');
export const notFound = refusal(404, 'Rooms are at /rooms/<name>.');
export const onlyGet = refusal(405, 'Only GET is answered here.', { Allow: 'GET, HEAD' });
export const onlyGetOrPost = refusal(405, 'Only GET and POST are answered here.', { Allow: 'GET, HEAD, POST' });
/** Several answers at once on one connection: what limits count by connection would not hold. */
export const tooEarly = refusal(400, 'A request has to wait until earlier ones on its connection are answered.');
export const noSuchRoom = refusal(404, 'There is no such room. Whoever joins it or says something makes it.');
export const bodyTooLarge = refusal(413, 'The body is too large: it has at most 64 KiB.');
export const onlyWebSocket = refusal(426, 'This is a WebSocket: use the roomchat command.', { Upgrade: 'websocket' });
export const unauthorized = refusal(401, 'The control path needs the admin token: Authorization: Bearer <token>.', {
  'WWW-Authenticate': 'Bearer',
});
export const tooManyTokens = refusal(429, 'Too many wrong tokens from this address. Try again in a minute.', {
  'Retry-After': '60',
});
/** The field tells a client that this 403 is final, and no proxy's. */
export function banned(sentence: string): Refusal {
  return refusal(403, sentence, { 'Roomchat-Error': 'banned' });
}
export const tooManyClients = refusal(429, 'Too many connections from this address.', { 'Retry-After': '10' });
export const full = refusal(503, 'The server is full. Try again later.', { 'Retry-After': '10' });
export const stopping = refusal(503, 'The server is shutting down. Try again in a moment.', { 'Retry-After': '3' });
export const cutOff = refusal(503, 'This server cannot reach the others right now.', { 'Retry-After': '3' });

export function originRefused({ status, reason }: OriginRefusal): Refusal {
  return refusal(status, `Refused: ${reason}.`);
}
