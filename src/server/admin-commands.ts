// What each command of the control path does. A table; one small function a command.

import { type ClientEntry, ControlError, type RoomEntry } from '../protocol/index.ts';
import { type CommandTable, type ControlCommandType, existing, Listing, type OfType } from './admin-answers.ts';
import type { AdminSession } from './admin-session.ts';
import type { ChatServer } from './chat-server.ts';
import type { Session } from './session.ts';
import { upkeepCommands } from './upkeep-commands.ts';

const commands: CommandTable<ControlCommandType> = {
  async broadcast(server, admin, { ref, room, text }) {
    if (room !== '*') {
      admin.answer(ref, { seq: await server.broadcast(room, text) });
      return;
    }
    const names = [...server.rooms].map(({ name }) => name);
    for (const name of names) await server.broadcast(name, text);
    admin.answer(ref, { rooms: names.length });
  },

  dm(server, admin, { ref, id, text }) {
    const session = theClient(server, ref, id);
    if (!server.direct(session, text)) {
      throw new ControlError(ref, 'busy', 'This client does not read right now: its output is over the limit.');
    }
    admin.answer(ref, namesOf(session));
  },

  async rooms(server, admin, { ref }) {
    const list = new Listing(admin, ref, 'rooms');
    for await (const { name, bytes, lastSeq, protected: isProtected } of server.directory.roomNames()) {
      const room = server.rooms.ifOpen(name);
      await list.add({
        name,
        present: room?.present ?? 0,
        seq: lastSeq,
        bytes,
        protected: isProtected,
      } satisfies RoomEntry);
    }
    list.end();
  },

  async clients(server, admin, { ref, room }) {
    const list = new Listing(admin, ref, 'clients');
    const entries = [...server.clients()]
      .filter((session) => room === undefined || session.roomName === room)
      .map(entryOf);
    for (const entry of entries) if (entry !== undefined) await list.add(entry);
    list.end();
  },

  kick(server, admin, { ref, id, reason }) {
    const session = theClient(server, ref, id);
    const names = namesOf(session);
    server.kick(session, reason ?? '');
    admin.answer(ref, names);
  },

  watch(_server, admin, { ref }) {
    admin.answer(ref);
    admin.isWatching = true;
  },

  async delete(server, admin, { ref, room }) {
    existing(server, ref, room);
    for (const session of server.clients()) {
      if (session.roomName === room) server.kick(session, 'the room was deleted');
    }
    if (!(await server.rooms.closeNow(room))) {
      throw new ControlError(ref, 'busy', 'Somebody is joining this room right now. Try again.');
    }
    await server.directory.deleteRoom(room);
    admin.answer(ref);
  },

  ...upkeepCommands,
};

/** Runs one command. Rejects with ControlError, ProtocolError or RoomMissing where it cannot be done. */
export async function runControlCommand<T extends ControlCommandType>(
  server: ChatServer,
  admin: AdminSession,
  command: OfType<T>,
): Promise<void> {
  await commands[command.type](server, admin, command);
}

function theClient(server: ChatServer, ref: number, prefix: string): Session {
  const found = prefix === '' ? [] : server.clientsByPrefix(prefix);
  const [session] = found;
  if (session === undefined) throw new ControlError(ref, 'not_found', 'There is no client with this id here.');
  if (found.length === 1) return session;
  const candidates = found.slice(0, 10).map((one) => `${one.clientId} (${one.nick})`);
  throw new ControlError(ref, 'ambiguous', `This beginning fits ${found.length} clients: ${candidates.join(', ')}.`);
}

function namesOf(session: Session) {
  return { id: session.clientId, nick: session.nick, room: session.roomName };
}

function entryOf(session: Session): ClientEntry | undefined {
  if (session.state.kind !== 'joined') return undefined;
  const { member } = session.state;
  return {
    id: member.id,
    nick: member.nick,
    room: session.roomName,
    address: session.address.text,
    since: session.since,
    state: member.state === 'live' ? 'live' : 'reading',
    behind: member.behind,
    waiting: session.bufferedBytes,
    speaker: member.speaker,
  };
}
