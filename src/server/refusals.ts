// The refusals of an upgrade that the server decides, beside those of the handshake itself. Each says what to do.

import type { Refusal } from '../websocket/index.ts';

function refusal(status: number, message: string, headers: Record<string, string> = {}): Refusal {
  return { status, headers, message };
}

export const tooManyHeaders = refusal(431, 'The request has too many headers.');
export const malformedPath = refusal(400, 'The path is not properly encoded.');
export const notFound = refusal(404, 'Rooms are at /rooms/<name>.');
export const unauthorized = refusal(401, 'The control path needs the admin token: Authorization: Bearer <token>.', {
  'WWW-Authenticate': 'Bearer',
});
export const tooManyTokens = refusal(429, 'Too many wrong tokens from this address. Try again in a minute.', {
  'Retry-After': '60',
});
export const tooManyClients = refusal(429, 'Too many connections from this address.', { 'Retry-After': '10' });
export const full = refusal(503, 'The server is full. Try again later.', { 'Retry-After': '10' });
export const stopping = refusal(503, 'The server is shutting down. Try again in a moment.', { 'Retry-After': '3' });

export function originRefused(status: 400 | 403, reason: string): Refusal {
  return refusal(status, `Refused: ${reason}.`);
}
