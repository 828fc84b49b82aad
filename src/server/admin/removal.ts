// Ends a client's id in a room for good, and gives those who stay the keys that count from then on.

import { encodeLine, ProtocolError } from '../../protocol/index.ts';
import { keysOf, resumeKey } from '../access/identity.ts';
import type { Room } from '../room/room.ts';
import { saved } from './admin-answers.ts';
import type { AdminContext } from './admin-context.ts';
import { everywhere } from './everywhere.ts';

/**
 * Whoever has this id is out from this turn on, with `why`, and nobody comes back under it. Resolves once that is durable,
 * with false where it had ended before. Rejects with ControlError.
 */
export async function endId(
  server: AdminContext,
  ref: number,
  room: Room,
  id: string,
  why: ProtocolError,
): Promise<boolean> {
  // Told before the others learn that the id has ended: they would not know why.
  const ending = endConnections(server, room.name, id, why);
  room.roster.attendance.giveUp(id);
  const { keys } = room.log.meta;
  const revoking = room.log.access.revoke(id);
  if (room.log.meta.keys !== keys) giveNewKeys(server, room);
  const isNew = await saved(ref, 'The removal', revoking);
  await ending;
  return isNew;
}

/** In this turn here, and at the other servers as soon as they hear of it. */
async function endConnections(server: AdminContext, room: string, id: string, why: ProtocolError): Promise<void> {
  const code = why.code === 'banned' ? 'banned' : 'kicked';
  const asked = everywhere(server, { type: 'end', id, room, code, message: why.message }, []);
  while (!(await asked.next()).done);
}

/** Ends those who are in a room that is deleted, or on their way in. */
export function emptyRoom({ clients }: Pick<AdminContext, 'clients'>, room: string): void {
  for (const session of clients.inRoom(room)) {
    if (session.state.kind === 'joined') {
      session.fail(new ProtocolError('kicked', 'You were removed from the room: it was deleted'));
    } else if (session.state.kind === 'joining') {
      session.fail(new ProtocolError('going_away', 'The room was deleted.'));
    }
  }
}

/** Sends those away who are in a room, or on their way in: they come back by themselves. */
export function sendAway({ clients }: Pick<AdminContext, 'clients'>, room: string, why: string): void {
  for (const session of clients.inRoom(room)) {
    if (session.state.kind !== 'waiting') session.fail(new ProtocolError('going_away', why));
  }
}

/** Those who are here can come back; whoever is out has a key of before. */
export function giveNewKeys({ secret }: AdminContext, room: Room): void {
  const keys = keysOf(room.log.meta);
  room.toldKeys = room.log.meta.keys;
  for (const clients of [room.roster.members, room.roster.speakers]) {
    for (const { id, output } of clients.values()) {
      output.send(encodeLine({ type: 'key', key: resumeKey(secret, keys, id) }));
    }
  }
}
