// What follows from the end of a connection, or from one that did not come about: come back, ask for a password, or be
// done. The one table of that, and its sentences. Decides nothing about time.

import { comesBack, ERROR_CLOSE_CODES, type ErrorCode, type ErrorLine } from '../protocol/index.ts';
import { DialError } from '../websocket/index.ts';
import type { EndKind, SessionEnd } from './observer.ts';

/** Why a connection ended. What the client itself found or was told counts for more than the close code. */
export type Closing =
  | { readonly by: 'close'; readonly code: number; readonly reason: string }
  | { readonly by: 'error'; readonly line: ErrorLine }
  | { readonly by: 'violation'; readonly message: string }
  | { readonly by: 'silence' }
  /** The room is open where it has to be protected. */
  | { readonly by: 'unprotected' }
  /** The client wants to join anew. */
  | { readonly by: 'rejoin' };

export type Consequence =
  | { readonly next: 'dial' }
  | { readonly next: 'come back'; readonly reason: string }
  | { readonly next: 'ask password'; readonly message: string; readonly wrong: boolean }
  | { readonly next: 'end'; readonly end: SessionEnd };

const UNPROTECTED: Consequence = end(
  'unprotected',
  'This room has no password, so that anybody could read along. Nothing was sent to it.',
);

const CLOSE_SENTENCES = new Map<number, string>([
  [1001, 'The server is going away.'],
  [1006, 'The connection was lost.'],
  [1011, 'The server had an internal error.'],
  [1012, 'The server is restarting.'],
  [1013, 'The server is overloaded.'],
]);

export function afterClosing(closing: Closing): Consequence {
  switch (closing.by) {
    case 'rejoin':
      return { next: 'dial' };
    case 'silence':
      return { next: 'come back', reason: 'Nothing has come from the server for 40 seconds.' };
    case 'unprotected':
      return UNPROTECTED;
    case 'violation':
      return end('protocol', `The server does not keep to the protocol: ${closing.message}`);
    case 'error':
      return afterError(closing.line.code, closing.line.message);
    case 'close':
      return afterClose(closing.code, closing.reason);
  }
}

function afterError(code: ErrorCode | 'unknown', message: string): Consequence {
  const closeCode = code === 'unknown' ? undefined : ERROR_CLOSE_CODES[code];
  if (closeCode !== undefined && comesBack(closeCode)) return { next: 'come back', reason: message };
  if (code === 'password_required' || code === 'password_wrong')
    return { next: 'ask password', message, wrong: code === 'password_wrong' };
  if (code === 'unprotected') return UNPROTECTED;
  return end(code === 'throttled' ? 'password' : 'refused', message);
}

function afterClose(code: number, reason: string): Consequence {
  if (comesBack(code)) {
    return { next: 'come back', reason: CLOSE_SENTENCES.get(code) ?? `The connection ended with code ${code}.` };
  }
  if (code === ERROR_CLOSE_CODES.password_required) {
    return { next: 'ask password', message: reason || 'The room asks for a password.', wrong: false };
  }
  if (code === ERROR_CLOSE_CODES.unprotected) return UNPROTECTED;
  const message = `The connection ended with code ${code}${reason && `: ${reason}`}.`;
  // RFC 6455 §7.4.2: from 4000 on a code is the application's, so a room's own word; the others mean a fault.
  return end(code >= 4000 ? 'refused' : 'protocol', message);
}

function end(kind: EndKind, message: string): Consequence {
  return { next: 'end', end: { kind, message } };
}

/** What a failed dial comes to for somebody who has not been in the room yet. */
export function afterDial(error: unknown): SessionEnd {
  if (!(error instanceof DialError)) return { kind: 'unreachable', message: `The server cannot be dialled: ${error}.` };
  const { kind, message, response } = error;
  if (kind === 'not-websocket') return { kind: 'protocol', message: `That is not a roomchat server: ${message}.` };
  if (kind === 'tls') return { kind: 'untrusted', message: `The server cannot be reached securely: ${message}.` };
  if (response === undefined) return { kind: 'unreachable', message: `The server cannot be reached: ${message}.` };
  return afterStatus(response.status, firstLine(response.body));
}

/** A server's own word that it will not change its mind: not a 403 of some proxy, which may pass. */
export function isBan(error: unknown): boolean {
  if (!(error instanceof DialError) || error.response?.status !== 403) return false;
  const { rawHeaders } = error.response;
  return rawHeaders.some((name, i) => i % 2 === 0 && /^roomchat-error$/i.test(name) && rawHeaders[i + 1] === 'banned');
}

/** As much of a stranger's page as fits into a sentence. */
function firstLine(body: string): string {
  const line = body.trim().split('\n', 1)[0] ?? '';
  return [...line].slice(0, 200).join('');
}

function afterStatus(status: number, text: string): SessionEnd {
  const message = text === '' ? `The server answered with HTTP status ${status}.` : `The server answered: ${text}`;
  switch (status) {
    case 429:
    case 503:
      return { kind: 'overloaded', message };
    // A proxy before a server that is down.
    case 502:
    case 504:
      return { kind: 'unreachable', message };
    case 400:
    case 401:
    case 403:
      return { kind: 'refused', message };
    default:
      return { kind: 'protocol', message: `That is not a roomchat server: it answered with HTTP status ${status}.` };
  }
}
