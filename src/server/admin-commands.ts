// What each command of the control path does. A table; one small function a command.

import { type ClientEntry, ControlError, MAX_FRAME_BYTES, type RoomEntry } from '../protocol/index.ts';
import {
  type CommandTable,
  type ControlCommandType,
  existing,
  Listing,
  missing,
  namesOf,
  type OfType,
  theClient,
} from './admin-answers.ts';
import type { AdminSession } from './admin-session.ts';
import type { ChatServer } from './chat-server.ts';
import { removalCommands } from './removal-commands.ts';
import type { Session } from './session.ts';

const commands: CommandTable<ControlCommandType> = {
  async broadcast(server, admin, { ref, room, text }) {
    if (room !== '*') {
      admin.answer(ref, { seq: await server.broadcast(room, text) });
      return;
    }
    const names = [...server.rooms].map(({ name }) => name);
    let told = 0;
    for (const name of names) {
      // One may be deleted while others are told.
      if (server.rooms.ifOpen(name) === undefined) continue;
      await server.broadcast(name, text);
      told++;
    }
    admin.answer(ref, { rooms: told });
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

  watch(_server, admin, { ref }) {
    admin.answer(ref);
    admin.isWatching = true;
  },

  async verify(server, admin, { ref, room }) {
    const names = room === undefined ? await namesOnDisk(server) : [existing(server, ref, room)];
    const list = new Listing(admin, ref, 'rooms');
    for (const name of names) {
      const problems: { offset: number; reason: string }[] = [];
      const verifying = server.directory.verify(name, (problem) => {
        if (problems.length < 100) problems.push(problem);
      });
      const verified = await verifying.catch((error: unknown) => {
        if (server.rooms.exists(name)) throw error;
      });
      // Deleted meanwhile.
      if (verified === undefined && room !== undefined) throw missing(ref, room);
      if (verified !== undefined) await list.add({ name, lines: verified.lines, bytes: verified.bytes, problems });
    }
    list.end();
  },

  async export(server, admin, { ref, room: name }) {
    const room = await server.rooms.hold(existing(server, ref, name));
    if (room === undefined) throw missing(ref, name);
    try {
      const end = room.log.durableEnd;
      const chunk = Buffer.allocUnsafe(MAX_FRAME_BYTES);
      for (let position = 0; position < end; ) {
        const length = await room.log.read(position, chunk, 0).catch((error: unknown) => {
          throw room.isClosed ? missing(ref, name) : error;
        });
        position += length;
        // Lines that came after the command do not belong to it, but a chunk's last ones may: whole lines only.
        admin.socket.send(Buffer.from(chunk.subarray(0, length)), false);
        await admin.hasDrained();
      }
      admin.answer(ref, { bytes: end });
    } finally {
      server.rooms.release(room);
    }
  },

  ...removalCommands,
};

/** Runs one command. Rejects with ControlError, ProtocolError or RoomMissing where it cannot be done. */
export async function runControlCommand<T extends ControlCommandType>(
  server: ChatServer,
  admin: AdminSession,
  command: OfType<T>,
): Promise<void> {
  await commands[command.type](server, admin, command);
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

async function namesOnDisk(server: ChatServer): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of server.directory.roomNames()) names.push(name);
  return names;
}
