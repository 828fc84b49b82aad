// Keeps a room open while a command of the control path works on it.

import type { Room } from '../room/room.ts';
import { missing } from './admin-answers.ts';
import type { AdminContext } from './admin-context.ts';

/** Runs `work` on a room that stays open meanwhile. Rejects with ControlError where there is none, and as `work` does. */
export async function holding<T>(
  server: AdminContext,
  ref: number,
  name: string,
  work: (room: Room) => Promise<T>,
): Promise<T> {
  const room = await server.rooms.hold(name);
  if (room === undefined) throw missing(ref, name);
  try {
    return await work(room);
  } catch (error) {
    throw room.isClosed ? missing(ref, name) : error;
  } finally {
    server.rooms.release(room);
  }
}
