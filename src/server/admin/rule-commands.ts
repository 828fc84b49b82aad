// The commands of the control path about what holds in a room, for the admin, who is an owner everywhere.

import { ControlError, durationText } from '../../protocol/index.ts';
import { ownerKey } from '../access/identity.ts';
import { type CommandTable, theKnownClient } from './admin-answers.ts';
import { holding } from './holding.ts';
import { changeSettings, madeFor, mute, renewOwners, tellAlone, tellHere, unmute } from './rule-changes.ts';

export const ruleCommands: CommandTable<'set' | 'mute' | 'unmute' | 'owner'> = {
  async set(server, admin, { ref, room: name, type: _, ...wanted }) {
    await holding(server, ref, name, async (room) => {
      await changeSettings(ref, room, wanted);
      admin.answer(ref, { room: name, ...room.rules.settings });
    });
  },

  async mute(server, admin, { ref, id: prefix, for: seconds }) {
    const client = await theKnownClient(server, ref, prefix);
    const { id, nick, room: name } = client;
    const until = server.clock.now() + seconds * 1000;
    await holding(server, ref, name, (room) => mute(server, ref, room, client, until));
    await tellAlone(server, client, `You are muted in this room for ${durationText(seconds * 1000)}.`);
    admin.answer(ref, { id, nick, room: name, until });
  },

  async unmute(server, admin, { ref, room: name, target }) {
    const isNamed = madeFor({ nick: target });
    await holding(server, ref, name, async (room) => {
      const [first] = await unmute(server, ref, room, (one) => isNamed(one) || one.id.startsWith(target));
      if (first === undefined)
        throw new ControlError(ref, 'not_found', `Nobody in ${name} is muted under this id or nick.`);
      const { id, nick } = first;
      await tellHere(server, id, 'You can write again.');
      admin.answer(ref, { id, nick, room: name });
    });
  },

  async owner(server, admin, { ref, room: name, new: isNew }) {
    await holding(server, ref, name, async (room) => {
      if (isNew) await renewOwners(ref, room);
      admin.answer(ref, { room: name, key: ownerKey(server.secret, room.log.meta) });
    });
  },
};
