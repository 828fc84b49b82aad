// What the other servers of a cluster tell this one, and ask of it: what each of it means for whoever is connected here.

import type { ReadableLog } from '../log/index.ts';
import { ProtocolError } from '../protocol/index.ts';
import { answer } from './admin/questions.ts';
import { emptyRoom, giveNewKeys, sendAway } from './admin/removal.ts';
import type { ChatServer } from './chat-server.ts';
import { NoRoomError } from './room/not-saved.ts';

/** Whether the other servers cannot be reached: nobody is let in, and who is here goes where they can. */
export function cutOff(server: ChatServer, isCutOff: boolean): void {
  server.isCutOff = isCutOff;
  if (!isCutOff) return;
  const error = new ProtocolError('going_away', 'This server cannot reach the others right now.');
  for (const session of server.clients.sessions) if (session.state.kind !== 'waiting') session.fail(error);
}

/** Why so many bytes may not be appended to this log, if they may not. */
export function refuses(server: ChatServer, log: ReadableLog, bytes: number): Error | undefined {
  const refusal = server.storage.refuses(log, bytes);
  return refusal === undefined ? undefined : new NoRoomError(refusal);
}

/** A room was deleted at another server. */
export async function roomDeleted(server: ChatServer, room: string): Promise<void> {
  await server.rooms.remove(room, () => emptyRoom(server, room));
}

/** This server cannot serve a room for now: who is in it goes where it can be served. */
export async function roomUnservable(server: ChatServer, room: string): Promise<void> {
  const empty = () => sendAway(server, room, 'This server cannot serve this room right now.');
  await server.rooms.whileClosed(room, empty, async () => {});
}

/** Somebody was shut out of a room, or its password or its rules were changed, at whatever server. */
export function accessChanged(server: ChatServer, name: string): void {
  const room = server.rooms.ifOpen(name);
  if (room === undefined) return;
  for (const { id } of [...room.roster.members.values(), ...room.roster.speakers.values()]) {
    if (!room.log.access.isRevoked(id)) continue;
    server.sessionOf(id)?.fail(new ProtocolError('kicked', 'You were removed from the room.'));
    room.roster.attendance.giveUp(id);
  }
  if (room.log.meta.keys !== room.toldKeys) giveNewKeys(server, room);
  room.tellSettings();
}

/** Another server asks something for an admin. Never rejects. */
export function asked(server: ChatServer, question: string, reply: (answer: string) => void): Promise<void> {
  return answer(server, question, reply);
}
