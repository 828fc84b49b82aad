// What a room sees of its log, and nothing of files: a log shared between servers could stand here as well.
// Must never promise that seq is dense, or that a position is anything but a cursor handed out by the log.
import type { DamagedError } from './errors.ts';
import type { PasswordHash, RoomMeta } from './room-meta.ts';
import type { RoomRules } from './room-rules.ts';

export interface RoomLogListener {
  /** `durableEnd` has moved, some time after an append. Called in the turn in which a sync has returned. */
  durable(): void;
  /** Whether its oldest unsynced line is older than it should be: the disk is slow, and no more should come. */
  late(isLate: boolean): void;
  /** What was read is not what was written. Where it is told here, nobody else is: the lines can be had from elsewhere. */
  damaged?(error: DamagedError): void;
}

/** A place in a log: the byte position where a line begins, and which line is before it. */
export type Cursor = {
  readonly position: number;
  /** That line's seq; 0 where there is none. */
  readonly after: number;
  /** When it was said: of two lines that had the same seq in turn, only one was said then. */
  readonly at?: number | undefined;
};

/** Who may come into a room, and what holds in it. What is taken away holds from the very turn on, and is durable once the promise resolves. */
export interface RoomAccess {
  /** What the room is now. */
  readonly meta: RoomMeta;
  isRevoked(id: string): boolean;
  /**
   * Ends an id for good. Resolves with false where it had ended before. Where too many have come together, the keys of
   * all are changed as well. Rejects with the system's error.
   */
  revoke(id: string): Promise<boolean>;
  /** Gives the room this password, or none, and changes the keys of all. Rejects with the system's error. */
  changePassword(password: PasswordHash | undefined): Promise<void>;
  /** Changes the rules, from what they are when its turn comes: it may be called more than once. Rejects with the system's error. */
  changeRules(change: (rules: RoomRules) => RoomRules): Promise<void>;
}

/** A room's log, as it is read. */
export interface ReadableLog {
  /** As `access.meta`. */
  readonly meta: RoomMeta;
  readonly access: RoomAccess;
  /** The highest seq that was given, or skipped after a power loss. The next line's must be higher. */
  readonly lastSeq: number;
  /** Where the next line will begin. */
  readonly appendedEnd: number;
  /** Up to here lines may be read and told. */
  readonly durableEnd: number;

  /**
   * Reads whole, checked lines from `position` into `target` at `offset`: as many as fit, up to `durableEnd`. Answers
   * the bytes read; 0 at the end, or where not one line fits (64 KiB always holds one). Throws DamagedError.
   */
  read(position: number, target: Buffer, offset: number): Promise<number>;
  /** As `read`, in this turn. */
  readSync(position: number, target: Buffer, offset: number): number;

  /** The cursor after `seq`, or undefined for a seq that this log has never given. Throws DamagedError. */
  findAfter(seq: number): Cursor | undefined;
  /** The cursor of the line that holds byte `position`, or of the durable end where that is before it. Throws DamagedError. */
  findAt(position: number): Cursor;
  /** The cursor from which the last `count` lines follow. Throws DamagedError. */
  findLast(count: number): Promise<Cursor>;

  /**
   * Takes no more lines, syncs those that were appended (and tells of them), waits for reads under way and lets go of
   * the file. It may be read until then. Never rejects: what goes wrong is reported.
   */
  close(): Promise<void>;
}

/** A log that is this server's alone. */
export interface RoomLog extends ReadableLog {
  /**
   * Appends whole lines, in their order, with one write(2); `lastSeq` is the last line's. Throws AppendError when
   * nothing of it was kept, UncertainAppendError when that is not known, DamagedError when the room is quarantined.
   */
  append(bytes: Buffer, lastSeq: number): void;
}
