// The commands of the control path that take something away: a client's id, a room's password, a room. What they take
// away is gone in the very turn, and on the disk before they answer `done`.

import { ControlError, ProtocolError } from '../../protocol/index.ts';
import { isClientId } from '../access/identity.ts';
import { type CommandTable, existing, missing, saved, theKnownClient } from './admin-answers.ts';
import { banCommands } from './ban-commands.ts';
import { holding } from './holding.ts';
import { emptyRoom, endId, giveNewKeys } from './removal.ts';

export const removalCommands: CommandTable<'kick' | 'ban' | 'bans' | 'unban' | 'password' | 'delete'> = {
  ...banCommands,

  async kick(server, admin, { ref, id: prefix, room: named, reason = '' }) {
    const client =
      named !== undefined && isClientId(prefix)
        ? { id: prefix, room: existing(server, ref, named) }
        : await theKnownClient(server, ref, prefix);
    const { id, room: name } = client;
    if (named !== undefined && named !== name) {
      throw new ControlError(ref, 'not_found', `No client in ${named} has this id.`);
    }
    const told = `You were removed from the room${reason === '' ? '.' : `: ${reason}`}`;
    const isNew = await holding(server, ref, name, (room) => {
      return endId(server, ref, room, id, new ProtocolError('kicked', told));
    });
    if (!isNew)
      throw new ControlError(ref, 'not_found', `This client was removed from ${name} before: its id has ended.`);
    admin.answer(ref, { id, room: name, ...('nick' in client && { nick: client.nick }) });
  },

  async password(server, admin, { ref, room: name, password }) {
    await holding(server, ref, existing(server, ref, name), async (room) => {
      if (password === undefined && room.log.meta.password === undefined) {
        throw new ControlError(ref, 'bad_request', `The room ${name} has no password.`);
      }
      const hash = password === undefined ? undefined : await server.hasher.hash(password);
      if (room.isClosed) throw missing(ref, name);
      const changing = room.log.access.changePassword(hash);
      giveNewKeys(server, room);
      await saved(ref, 'The new password', changing);
      admin.answer(ref, { room: name, protected: hash !== undefined, present: room.present });
    });
  },

  async delete(server, admin, { ref, room }) {
    const empty = () => emptyRoom(server, room);
    const existed = await server.rooms.remove(room, empty).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new ControlError(ref, 'failed', `The room ${room} is empty, but could not be deleted: ${why}.`);
    });
    if (!existed) throw missing(ref, room);
    const bans = server.bans.all().filter((ban) => ban.room === room);
    if (bans.length > 0) await saved(ref, 'The end of its bans', server.bans.remove(...bans));
    admin.answer(ref);
  },
};
