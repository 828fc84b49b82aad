// What a server says to a client of a room: the types of its lines.
// The lines of a room's log are exactly its `message` and `notice` lines.

import type { ErrorCode } from './error-codes.ts';
import type { Settings } from './settings.ts';

export interface WelcomeLine extends Settings {
  readonly type: 'welcome';
  readonly protocol: 1;
  readonly id: string;
  readonly nick: string;
  readonly room: string;
  readonly epoch: string;
  /** The end of the log now. */
  readonly seq: number;
  /** The replay starts after this seq. */
  readonly after: number;
  /** When the line with that seq was said; missing where there is none. */
  readonly afterAt?: number;
  readonly present: number;
  readonly created: boolean;
  readonly protected: boolean;
  /** A secret, worth the id: never printed. */
  readonly key: string;
  /** The key of the room's owners, a secret: only to one, so to whoever made the room. */
  readonly owner?: string;
}

/** The key that replaces the welcome's: a secret, too. It comes when the keys of before no longer fit. */
export interface KeyLine {
  readonly type: 'key';
  readonly key: string;
}

/** A message of a client: in the log. `at` is milliseconds since 1970 (UTC), here and below. */
export interface MessageLine {
  readonly type: 'message';
  readonly seq: number;
  readonly at: number;
  readonly id: string;
  readonly nick: string;
  readonly text: string;
  readonly ref?: string;
}

/** The server's own word to a room: in the log. */
export interface NoticeLine {
  readonly type: 'notice';
  readonly seq: number;
  readonly at: number;
  readonly text: string;
}

export type LogLine = MessageLine | NoticeLine;

/** The replay is over. Once per join. */
export interface LiveLine {
  readonly type: 'live';
  readonly seq: number;
}

export interface JoinedLine {
  readonly type: 'joined';
  readonly at: number;
  readonly id: string;
  readonly nick: string;
}

export interface LeftLine {
  readonly type: 'left';
  readonly at: number;
  readonly id: string;
  readonly nick: string;
}

export interface RenamedLine {
  readonly type: 'renamed';
  readonly at: number;
  readonly id: string;
  readonly nick: string;
  readonly was: string;
}

/** Stands for the joins and departures beyond the first 20 within 100 ms. */
export interface CrowdLine {
  readonly type: 'crowd';
  readonly at: number;
  readonly joined: number;
  readonly left: number;
  readonly present: number;
}

export interface MemberEntry {
  readonly id: string;
  readonly nick: string;
}

export interface MembersLine {
  readonly type: 'members';
  readonly members: readonly MemberEntry[];
  readonly present: number;
}

/** From the server to this client alone; not in the log. */
export interface DirectLine {
  readonly type: 'direct';
  readonly at: number;
  readonly text: string;
}

/** What is set for the room from now on. */
export interface SettingsLine extends Settings {
  readonly type: 'settings';
  readonly at: number;
}

/** An owner's command was done: which, and whom it was about. */
export interface DoneLine {
  readonly type: 'done';
  readonly command: string;
  readonly id?: string;
  readonly nick?: string;
  /** Seconds: of a mute, and of a ban that has an end. */
  readonly for?: number;
}

export interface PongLine {
  readonly type: 'pong';
}

export interface ErrorLine {
  readonly type: 'error';
  /** `unknown` is what a client makes of a code that it does not know; no server sends it. */
  readonly code: ErrorCode | 'unknown';
  readonly message: string;
  readonly ref?: string;
  /** Seconds after which another try may do. */
  readonly retryAfter?: number;
}

export type ServerLine =
  | WelcomeLine
  | KeyLine
  | LogLine
  | LiveLine
  | JoinedLine
  | LeftLine
  | RenamedLine
  | CrowdLine
  | MembersLine
  | DirectLine
  | SettingsLine
  | DoneLine
  | PongLine
  | ErrorLine;

/** A welcome without its keys, which are worth the id and the room: what may be shown and printed. */
export type ShownWelcome = Omit<WelcomeLine, 'key' | 'owner'>;

export type ShownLine = Exclude<ServerLine, WelcomeLine | KeyLine> | ShownWelcome;
