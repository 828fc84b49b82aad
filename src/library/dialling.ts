// Opens the sockets that a session is handed on Node, and says in words why there is none. Never tries again.

import { type Clock, type Dial, DialFailure, systemClock } from '../client/index.ts';
import { MAX_CLIENT_FRAME_BYTES, SUBPROTOCOL } from '../protocol/index.ts';
import { DEFAULT_LIMITS, DialError, type DialOptions, dial } from '../websocket/index.ts';

export type Tls = DialOptions['tls'];

/** Node's own turn: all that is read of an input at once is sent at once. */
export const nodeClock: Clock = { ...systemClock, soon: (run) => setImmediate(run) };

/** What a client takes of a server. */
export const CLIENT_LIMITS = { ...DEFAULT_LIMITS, maxMessage: MAX_CLIENT_FRAME_BYTES };

/** `url` is a room's, of roomUrl. */
export function dialRoom(url: string, tls?: Tls): Dial {
  return (signal) =>
    dial(url, { protocols: [SUBPROTOCOL], limits: CLIENT_LIMITS, compression: {}, tls, signal }).catch(
      (error: unknown) => {
        throw dialFailure(error);
      },
    );
}

/** What `dial` rejects with, in words for the user. */
export function dialFailure(error: unknown): DialFailure {
  if (!(error instanceof DialError)) {
    return new DialFailure('unreachable', `The server cannot be dialled: ${String(error)}.`);
  }
  const { kind, message, response } = error;
  if (kind === 'not-websocket') return new DialFailure('protocol', `That is not a roomchat server: ${message}.`);
  if (kind === 'tls') return new DialFailure('untrusted', `The server cannot be reached securely: ${message}.`);
  if (response === undefined) return new DialFailure('unreachable', `The server cannot be reached: ${message}.`);
  return refusal(response);
}

function refusal({ status, body, rawHeaders }: NonNullable<DialError['response']>): DialFailure {
  const text = firstLine(body);
  const message = text === '' ? `The server answered with HTTP status ${status}.` : `The server answered: ${text}`;
  switch (status) {
    case 429:
    case 503:
      return new DialFailure('overloaded', message);
    // A proxy before a server that is down.
    case 502:
    case 504:
      return new DialFailure('unreachable', message);
    case 400:
    case 401:
      return new DialFailure('refused', message);
    case 403:
      // A server's own word that it will not change its mind: not a 403 of some proxy, which may pass.
      return new DialFailure('refused', message, isBan(rawHeaders));
    default:
      return new DialFailure('protocol', `That is not a roomchat server: it answered with HTTP status ${status}.`);
  }
}

function isBan(rawHeaders: readonly string[]): boolean {
  return rawHeaders.some((name, i) => i % 2 === 0 && /^roomchat-error$/i.test(name) && rawHeaders[i + 1] === 'banned');
}

/** As much of a stranger's page as fits into a sentence. */
function firstLine(body: string): string {
  const line = body.trim().split('\n', 1)[0] ?? '';
  return [...line].slice(0, 200).join('');
}
