// What each command of the control path does. A table; one small function a command.

import type { RoomEntry } from '../../protocol/index.ts';
import { type CommandTable, type ControlCommandType, Listing, type OfType, theClient } from './admin-answers.ts';
import type { AdminConnection, AdminContext } from './admin-context.ts';
import { askOne, everywhere } from './everywhere.ts';
import type { OtherServer } from './others.ts';
import { removalCommands } from './removal-commands.ts';
import { ruleCommands } from './rule-commands.ts';
import { broadcast } from './speech.ts';
import { upkeepCommands } from './upkeep-commands.ts';

const commands: CommandTable<ControlCommandType> = {
  async broadcast(server, admin, { ref, room, text }) {
    if (room !== '*') {
      admin.answer(ref, { seq: await broadcast(server, room, text) });
      return;
    }
    let told = 0;
    for (const [name, at] of await openRooms(server)) {
      // One may be deleted while others are told.
      if (!server.rooms.exists(name)) continue;
      await askOne(server, ref, at, { type: 'broadcast', room: name, text });
      told++;
    }
    admin.answer(ref, { rooms: told });
  },

  async dm(server, admin, { ref, id: prefix, text }) {
    const { id, at } = await theClient(server, ref, prefix);
    admin.answer(ref, { ...(await askOne(server, ref, at, { type: 'dm', id, text })) });
  },

  async rooms(server, admin, { ref }) {
    const list = new Listing(admin, ref, 'rooms');
    const byName = new Map<string, RoomEntry>();
    for await (const { answer } of everywhere(server, { type: 'rooms' }, list.silent)) {
      byName.set(answer.name, together(answer, byName.get(answer.name)));
    }
    for (const room of byName.values()) await list.add(room);
    list.end();
  },

  async clients(server, admin, { ref, room }) {
    const list = new Listing(admin, ref, 'clients');
    await list.addAll(server, { type: 'clients', room });
    list.end();
  },

  watch(server, admin, { ref }) {
    admin.answer(ref);
    server.watchers.add(admin);
  },

  ...removalCommands,
  ...ruleCommands,
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

/** Every room that is open somewhere, with a server where it is: this one, if it is open here. */
async function openRooms(server: AdminContext): Promise<Map<string, OtherServer | undefined>> {
  const rooms = new Map<string, OtherServer | undefined>();
  for await (const { answer, from } of everywhere(server, { type: 'open' }, [])) {
    if (!rooms.has(answer.room)) rooms.set(answer.room, from);
  }
  return rooms;
}

/** A room as two servers know it: each has members of its own, and one log may be behind the other. */
function together(one: RoomEntry, other: RoomEntry | undefined): RoomEntry {
  if (other === undefined) return one;
  const { present, seq, bytes } = other;
  return { ...one, present: one.present + present, seq: Math.max(one.seq, seq), bytes: Math.max(one.bytes, bytes) };
}
