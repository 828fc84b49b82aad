// Where rooms are kept: in the data directory of one server, or by many servers together.
import type { Ledger, LedgerOwner } from './ledger.ts';
import type { LineForMissing, Repaired, RepairPlan } from './repair.ts';
import type { RoomImporting } from './room-import.ts';
import type { ReadableLog } from './room-log.ts';
import type { NewRoom } from './room-meta.ts';
import type { RoomRules } from './room-rules.ts';

/** A room as it was opened: its log, and what its lines are handed over to. */
export interface OpenedRoom {
  readonly log: ReadableLog;
  /** To be called once. */
  ledger(owner: LedgerOwner): Ledger;
}

/** What is known of a room without opening it. */
export interface KnownRoom {
  readonly name: string;
  /** Of its log on this machine. */
  readonly bytes: number;
  readonly lastSeq: number;
  readonly protected: boolean;
  readonly rules: RoomRules | undefined;
}

export interface RoomStore {
  has(room: string): boolean;
  /** All rooms there are. */
  known(): AsyncIterable<KnownRoom>;
  /** Opens a room that exists. Rejects with DamagedError, ForeignRoomError, UnservableError, and what the system says. */
  open(room: string): Promise<OpenedRoom>;
  /** Makes a room, and opens it; undefined where somebody else has made it meanwhile. */
  create(room: string, made: NewRoom): Promise<OpenedRoom | undefined>;
  /** Deletes a room that is not open, with all its lines. */
  delete(room: string): Promise<void>;
  /** Whether the data directory may hold less of a room than there is, until the room is opened. */
  readonly isPartial: boolean;
  /** What `repair` would do. Rejects with UnservableError. */
  planRepair(room: string): Promise<RepairPlan>;
  /** Repairs the log of a room that is not open; it can be opened again after that. Rejects with UnservableError. */
  repair(room: string, lineFor: LineForMissing): Promise<Repaired>;
  /** Begins to make a room of lines; nothing of it is to be seen until it is finished. */
  importRoom(room: string, made: NewRoom): Promise<RoomImporting>;
}
