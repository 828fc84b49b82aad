// What the control path needs of the server, and its commands of the connection that sent them: narrow views, so that
// neither the server nor the connection is named here.

import type { DataDirectory, RoomStore } from '../../log/index.ts';
import type { Bans } from '../access/bans.ts';
import type { PasswordHasher } from '../access/password.ts';
import type { Clock } from '../common/clock.ts';
import type { ServerLimits } from '../common/limits.ts';
import type { EventSink } from '../reporting/events.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Storage } from '../room/storage.ts';
import type { Clients } from '../session/clients.ts';
import type { AdminImport } from './admin-import.ts';
import type { Others } from './others.ts';
import type { Watcher, Watchers } from './watchers.ts';

export interface AdminContext {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly directory: DataDirectory;
  readonly secret: Buffer;
  readonly rooms: Rooms;
  readonly store: RoomStore;
  readonly storage: Storage;
  readonly clients: Clients;
  readonly bans: Bans;
  readonly hasher: PasswordHasher;
  readonly others: Others;
  readonly watchers: Watchers;
  readonly emit: EventSink;
  /** An error that is the server's own: whole on the console, "internal error" outside. */
  unexpected(error: unknown): void;
}

/** The connection of an admin, as far as a command needs it. */
export interface AdminConnection extends Watcher {
  /** Until it has come to its end, every line that does not say so is one of a log. */
  importing: AdminImport | undefined;
  /** Sends bytes of a log as they are, in one frame. */
  sendBytes(bytes: Buffer): void;
  /** Sends a line of the answer to a command, as it goes over the wire, newline included. */
  send(line: string): void;
  answer(ref: number, fields?: Readonly<Record<string, unknown>>): void;
  /** Resolves when the socket has taken what was sent. Rejects when the admin has left. */
  hasDrained(): Promise<void>;
}
