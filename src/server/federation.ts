// What makes a server one of many: where the rooms are kept, who signs the resume keys, and who is in the rooms elsewhere. A
// server of its own has none of it, and the same rooms.

import type { DataDirectory, ReadableLog, RoomStore } from '../log/index.ts';
import type { SharedTable } from './access/shared-bans.ts';
import type { Others } from './admin/others.ts';
import type { Metric } from './reporting/metrics.ts';
import type { Neighbourhood } from './room/neighbours.ts';

/** What the server offers to whatever makes it one of many. */
export interface FederationOptions {
  /** For copies. */
  readonly directory: DataDirectory;
  /** Bytes that are left free before the lines of a batch. */
  readonly headroom: number;
  readonly warn: (room: string | undefined, message: string) => void;
  /** Why so many bytes may not be appended to this log, if they may not. */
  readonly refuses: (log: ReadableLog, bytes: number) => Error | undefined;
  /** So many bytes were appended to this log, whoever said them. */
  readonly appended: (log: ReadableLog, bytes: number) => void;
  /** A room was deleted elsewhere. */
  readonly deleted: (room: string) => void;
  /** Who may come into a room has changed elsewhere. */
  readonly accessChanged: (room: string) => void;
  /** A room can be served elsewhere, and not here for now. */
  readonly unservable: (room: string) => void;
  /** Whether nothing can be said here now, and nobody be let in, because the others cannot be reached. */
  readonly cutOff: (isCutOff: boolean) => void;
  /** Another server asks something for an admin: `reply` is given each answer. Never rejects. */
  readonly asked: (question: string, reply: (answer: string) => void) => Promise<void>;
}

export interface Federation {
  readonly rooms: RoomStore;
  readonly secret: Buffer;
  readonly neighbourhood: Neighbourhood;
  readonly bans: SharedTable;
  readonly others: Others;
  /** What it counts of itself, as it is now. */
  metrics(): Iterable<Metric>;
  /** To be called when all rooms are closed. */
  close(): Promise<void>;
}
