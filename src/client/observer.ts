// What a session tells whoever shows it: one narrow interface, and the shapes that go over it.

import type { ErrorCode, KeyLine, MessageLine, ServerLine, WelcomeLine } from '../protocol/index.ts';

/** A welcome without its keys: those are worth the id and the room, and never leave the session. */
export type Welcome = Omit<WelcomeLine, 'key' | 'owner'>;

export type ReceivedLine = Exclude<ServerLine, WelcomeLine | KeyLine> | Welcome;

/**
 * Why a session is over:
 * - `left`: it was told to.
 * - `unreachable`, `overloaded`: no server to be had.
 * - `untrusted`: what answered cannot prove over TLS that it is the server.
 * - `password`: the password was wrong, missing, or guessed too often.
 * - `unprotected`: the room is open, and was known to have a password or has to have one. Nothing was sent to it.
 * - `replaced`: the same client goes on over another connection.
 * - `refused`: the room, nick or id was refused, or the client was kicked.
 * - `protocol`: what answered is not a roomchat server, or broke the protocol.
 */
export type EndKind =
  | 'left'
  | 'unreachable'
  | 'untrusted'
  | 'overloaded'
  | 'password'
  | 'unprotected'
  | 'replaced'
  | 'refused'
  | 'protocol';

export interface SessionEnd {
  readonly kind: EndKind;
  /** A sentence for the user. It may hold a server's own words: make it printable before it is printed. */
  readonly message: string;
}

/** A message that the room does not have and that is not sent again. */
export interface SayRefusal {
  /** `uncertain`: the room may have it; the server no longer knows this client, so that it cannot be found out. */
  readonly code: ErrorCode | 'unknown' | 'uncertain';
  readonly message: string;
  /** What was said. */
  readonly text: string;
}

/**
 * Methods are called in the order of events, never after `ended` unless it is started again. They may call the session,
 * and must not throw.
 */
export interface SessionObserver {
  /**
   * It begins to dial, the first time and each time after `lost`; of several servers each one in its turn, then called
   * `server`.
   */
  connecting(server?: string): void;
  /**
   * `resumed`: as the client that it was before; `sameLog`: the log goes on where it was read to. Follows the welcome's
   * `line`.
   */
  joined(welcome: Welcome, resumed: boolean, sameLog: boolean): void;
  /** The replay is over; it held `newLines` log lines, none of them this client's own. Follows the `line`. */
  live(newLines: number): void;
  /**
   * Every line of a known type but keys, log lines once each and in order, but for those that `replay` asks for. `raw` is
   * the line as it came, for `--json`; of a welcome without the key. `own`: a message or renaming of this client itself.
   */
  line(line: ReceivedLine, raw: string, own: boolean): void;
  /** The room has this message. Follows its `line`. */
  receipt(ref: string, line: MessageLine): void;
  refused(ref: string, refusal: SayRefusal): void;
  /** Error lines that neither answer a message nor end anything: nick_taken, resume_invalid, epoch_changed, not_owner,
   * failed, unknown. */
  trouble(code: ErrorCode | 'unknown', message: string): void;
  /** The connection is gone; it dials again after `retryInMs`. */
  lost(reason: string, retryInMs: number): void;
  /** Once, and last. */
  ended(end: SessionEnd): void;
}
