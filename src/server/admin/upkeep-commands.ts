// The commands of the control path that look after logs: check them, take one out, repair one, put one in.

import { DamagedError, type Hole, ImportError } from '../../log/index.ts';
import { ControlError, encodeNotice } from '../../protocol/index.ts';
import { type CommandTable, existing, Listing } from './admin-answers.ts';
import { AdminImport } from './admin-import.ts';
import { sendAway } from './removal.ts';

export const upkeepCommands: CommandTable<'verify' | 'export' | 'repair' | 'import' | 'imported'> = {
  async verify(server, admin, { ref, room }) {
    const list = new Listing(admin, ref, 'rooms');
    const named = room === undefined ? undefined : existing(server, ref, room);
    await list.addAll(server, { type: 'verify', room: named });
    list.end();
  },

  async export(server, admin, { ref, room }) {
    let bytes = 0;
    const name = existing(server, ref, room);
    const held = server.store.isPartial ? await server.rooms.hold(name) : undefined;
    try {
      await held?.catchUp();
      for await (const lines of server.directory.upkeep.lines(name)) {
        bytes += lines.length;
        admin.sendBytes(Buffer.from(lines));
        await admin.hasDrained();
      }
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      throw new ControlError(ref, 'damaged', `${error.message} Its lines are left out; see admin repair.`);
    } finally {
      if (held !== undefined) server.rooms.release(held);
    }
    admin.answer(ref, { bytes });
  },

  async repair(server, admin, { ref, room, yes }) {
    const { store } = server;
    const lineFor = (seq: number, missing: number) => encodeNotice(seq, server.clock.now(), missingText(missing));
    const empty = () => sendAway(server, room, 'The log of this room is being repaired.');
    const done = yes
      ? await server.rooms.whileClosed(existing(server, ref, room), empty, () => store.repair(room, lineFor))
      : await store.planRepair(existing(server, ref, room));
    const { lines, missing, bytes, count, holes, isCopy } = done;
    const keptIn = 'keptIn' in done ? done.keptIn : undefined;
    if (keptIn !== undefined) {
      const message = `the log was repaired: ${bytes} bytes are kept in ${keptIn}, and ${missing} lines are missing`;
      server.emit({ event: 'warning', at: server.clock.now(), room, message });
    }
    const shown = holes.map(({ offset, length, reason, missing: lost }: Hole) => ({
      offset,
      length,
      reason,
      missing: lost,
    }));
    admin.answer(ref, {
      room,
      lines,
      missing,
      bytes,
      count,
      holes: shown,
      ...(keptIn !== undefined && { keptIn }),
      ...(isCopy && { copy: true }),
    });
  },

  async import(server, admin, { ref, room, password }) {
    if (server.rooms.exists(room)) {
      throw new ControlError(
        ref,
        'bad_request',
        `The room ${room} already exists: delete it first, or choose another name.`,
      );
    }
    server.storage.checkNewRoom();
    const hash = password === undefined ? undefined : await server.hasher.hash(password);
    const made = { created: server.clock.now(), password: hash };
    admin.importing = new AdminImport(await server.store.importRoom(room, made));
    admin.answer(ref);
  },

  async imported(server, admin, { ref }) {
    const { importing } = admin;
    if (importing === undefined) throw new ControlError(ref, 'bad_request', 'Nothing is being imported.');
    admin.importing = undefined;
    try {
      const { lines, bytes, lastSeq: seq } = await importing.end();
      server.directory.countRooms();
      admin.answer(ref, { lines, bytes, seq });
    } catch (error) {
      if (error instanceof ImportError)
        throw new ControlError(ref, 'bad_request', `${error.message} Nothing was created.`);
      throw error;
    }
  },
};

function missingText(missing: number): string {
  const what = missing === 1 ? '1 message is' : `${missing} messages are`;
  return `${what} missing here: the log of this room was damaged, and has been repaired.`;
}
