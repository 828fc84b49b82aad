// How a session joins whose connection is no WebSocket: a request that says something, or reads a room's log. Knows nothing
// of HTTP; what a client may ask for in a join is the protocol's, and not here.

import type { Attempt, Cursor, ReadableLog, RoomMeta } from '../../log/index.ts';

export interface Guise {
  /** It only reads: it is in no room, nobody hears of it, and a room that does not exist is not made for it. */
  readonly reads: boolean;
  /** The client that it is in this room, whose earlier attempts end; undefined for a new one. Called once. */
  clientIn(meta: RoomMeta): Attempt | undefined;
  /** Where its reading starts; `asked` is where it would by its join. Called in the turn in which it comes in. */
  startIn(log: ReadableLog, asked: Cursor): Cursor;
}
