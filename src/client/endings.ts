// What follows from the end of a connection: come back, ask for a password or a nick, or be done. The one table of that,
// and its sentences. Decides nothing about time.

import { comesBack, ERROR_CLOSE_CODES, type ErrorCode, type ErrorLine } from '../protocol/index.ts';
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
  | { readonly next: 'ask nick'; readonly message: string }
  | { readonly next: 'end'; readonly end: SessionEnd };

const UNPROTECTED: Consequence = end(
  'unprotected',
  'This room has no password, so anybody could read along. Nothing was sent to it.',
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
      return { next: 'come back', reason: 'The server has sent nothing for 40 seconds.' };
    case 'unprotected':
      return UNPROTECTED;
    case 'violation':
      return end('protocol', `The server broke the protocol: ${closing.message}`);
    case 'error':
      return afterError(closing.line.code, closing.line.message);
    case 'close':
      return afterClose(closing.code, closing.reason);
  }
}

function afterError(code: ErrorCode | 'unknown', message: string): Consequence {
  const closeCode = code === 'unknown' ? undefined : ERROR_CLOSE_CODES[code];
  if (closeCode !== undefined && comesBack(closeCode)) return { next: 'come back', reason: message };
  switch (code) {
    case 'password_required':
    case 'password_wrong':
      return { next: 'ask password', message, wrong: code === 'password_wrong' };
    case 'nick_taken':
      return { next: 'ask nick', message };
    case 'unprotected':
      return UNPROTECTED;
    case 'throttled':
      return end('password', message);
    case 'replaced':
      return end('replaced', message);
    default:
      return end('refused', message);
  }
}

function afterClose(code: number, reason: string): Consequence {
  if (comesBack(code)) {
    return { next: 'come back', reason: CLOSE_SENTENCES.get(code) ?? `The connection ended with code ${code}.` };
  }
  const message = `The connection ended with code ${code}${reason && `: ${reason}`}.`;
  switch (code) {
    case ERROR_CLOSE_CODES.password_required:
      return { next: 'ask password', message: reason || 'The room requires a password.', wrong: false };
    case ERROR_CLOSE_CODES.unprotected:
      return UNPROTECTED;
    case ERROR_CLOSE_CODES.replaced:
      return end('replaced', message);
    default:
      // RFC 6455 §7.4.2: from 4000 on a code is the application's, so a room's own word; the others mean a fault.
      return end(code >= 4000 ? 'refused' : 'protocol', message);
  }
}

function end(kind: EndKind, message: string): Consequence {
  return { next: 'end', end: { kind, message } };
}
