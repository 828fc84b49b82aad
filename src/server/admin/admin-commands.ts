// What each command of the control path does. A table; one small function a command.

import { type ClientEntry, ControlError, type RoomEntry } from '../../protocol/index.ts';
import type { Session } from '../session/session.ts';
import {
  type CommandTable,
  type ControlCommandType,
  Listing,
  namesOf,
  type OfType,
  theClient,
} from './admin-answers.ts';
import type { AdminConnection, AdminContext } from './admin-context.ts';
import { removalCommands } from './removal-commands.ts';
import { broadcast, direct } from './speech.ts';
import { upkeepCommands } from './upkeep-commands.ts';

const commands: CommandTable<ControlCommandType> = {
  async broadcast(server, admin, { ref, room, text }) {
    if (room !== '*') {
      admin.answer(ref, { seq: await broadcast(server, room, text) });
      return;
    }
    const names = [...server.rooms].map(({ name }) => name);
    let told = 0;
    for (const name of names) {
      // One may be deleted while others are told.
      if (server.rooms.ifOpen(name) === undefined) continue;
      await broadcast(server, name, text);
      told++;
    }
    admin.answer(ref, { rooms: told });
  },

  dm(server, admin, { ref, id, text }) {
    const session = theClient(server, ref, id);
    if (!direct(server, session, text)) {
      throw new ControlError(ref, 'busy', 'This client is not reading right now: its output is over the limit.');
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
    const entries = [...server.clients.joined]
      .filter((session) => room === undefined || session.roomName === room)
      .map(entryOf);
    for (const entry of entries) if (entry !== undefined) await list.add(entry);
    list.end();
  },

  watch(_server, admin, { ref }) {
    admin.answer(ref);
    admin.isWatching = true;
  },

  ...removalCommands,
  ...upkeepCommands,
};

/** Runs one command. Rejects with ControlError, ProtocolError or RoomMissing where it cannot be done. */
export async function runControlCommand<T extends ControlCommandType>(
  server: AdminContext,
  admin: AdminConnection,
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
