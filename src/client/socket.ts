// What this layer needs of a WebSocket, whoever opened it: the command line brings one of its own, a page its browser's.

import type { EndKind, SessionEnd } from './observer.ts';

export interface SocketHandler {
  /** A whole message; `data` is its text once it is made a string. */
  message(data: { toString(): string }, binary: boolean): void;
  /** The output went from some to none. */
  drained(): void;
  /** The end, exactly once: 1005 for no code, 1006 for no Close. */
  closed(code: number, reason: string): void;
}

export interface Socket {
  handler: SocketHandler;
  readonly bytesReceived: number;
  /** It does not show the server's pings, so that silence has to be broken by asking. */
  readonly hidesPings?: boolean;
  send(text: string): void;
  close(code: number): void;
  /** Ends it without a word to the other side. */
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** Opens a socket to the room. Rejects with a DialFailure; no event is delivered before the code that awaits it has run. */
export type Dial = (signal: AbortSignal) => Promise<Socket>;

/** Why there is no socket; the message is a sentence for the user. */
export class DialFailure extends Error implements SessionEnd {
  override readonly name = 'DialFailure';
  readonly kind: EndKind;
  /** A server's own word that it will not change its mind. */
  readonly isFinal: boolean;

  constructor(kind: EndKind, message: string, isFinal = false) {
    super(message);
    this.kind = kind;
    this.isFinal = isFinal;
  }
}
