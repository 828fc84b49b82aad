// The commands of the control path about bans: whom one is for, whom it ends, and what still holds when one is lifted.

import { ControlError } from '../../protocol/index.ts';
import { encodeBan, entryOf } from '../access/ban-file.ts';
import type { Ban } from '../access/ban-list.ts';
import { bannedBy } from '../access/bans.ts';
import {
  contains,
  customerOf,
  formatNetwork,
  hasLoopback,
  type Network,
  NetworkError,
  parseAddress,
  parseNetwork,
} from '../addresses/network.ts';
import { type CommandTable, existing, Listing, type LocatedClient, saved, theKnownClient } from './admin-answers.ts';
import type { AdminContext } from './admin-context.ts';
import { everywhere } from './everywhere.ts';
import { endId } from './removal.ts';

/** The widest networks that are banned: a wider one is a mistake, and keeps out nearly everybody. */
const SHORTEST = { 4: 8, 6: 16 } as const;

export const banCommands: CommandTable<'ban' | 'bans' | 'unban'> = {
  async ban(server, admin, { ref, target, room, for: seconds, reason }) {
    if (room !== undefined) existing(server, ref, room);
    const client = isAddress(target) ? undefined : await theKnownClient(server, ref, target);
    const network = client === undefined ? named(ref, target) : networkOfClient(ref, client);
    refuseUnwise(ref, network);
    const since = server.clock.now();
    const until = seconds === undefined ? undefined : since + seconds * 1000;
    const ban: Ban = { network, room, since, until, reason, client: client && { id: client.id, nick: client.nick } };
    admin.answer(ref, { ...entryOf(ban), ended: await makeBan(server, ref, ban, client) });
  },

  async bans(server, admin, { ref, room }) {
    const list = new Listing(admin, ref, 'bans');
    const bans = server.bans.all().filter((ban) => room === undefined || ban.room === room);
    for (const ban of bans.sort((a, b) => a.since - b.since)) await list.add(entryOf(ban));
    list.end();
  },

  async unban(server, admin, { ref, target, room }) {
    const ban = isAddress(target) ? theBan(server, ref, named(ref, target), room) : theBanOf(server, ref, target, room);
    await saved(ref, 'The end of the ban', server.bans.remove(ban));
    const still = server.bans.all().filter((other) => covers(other, ban.network, room));
    admin.answer(ref, { ...entryOf(ban), still: still.slice(0, 10).map(entryOf) });
  },
};

/** The ban holds, and ends whom it is for: their number. `client` is the one that it was made for. Rejects with ControlError. */
export async function makeBan(
  server: AdminContext,
  ref: number,
  ban: Ban,
  client: LocatedClient | undefined,
): Promise<number> {
  if (server.bans.isFull && server.bans.get(ban.network, ban.room) === undefined) {
    const message = 'There are too many bans: lift some, or ban a network instead of addresses.';
    throw new ControlError(ref, 'failed', message);
  }
  const adding = server.bans.add(ban);
  const ending = endEverywhere(server, ban);
  const endsId = client !== undefined && (ban.room === undefined || ban.room === client.room);
  const [ended] = await Promise.all([
    ending,
    saved(ref, 'The ban', adding),
    endsId && endIdOf(server, ref, client, ban),
  ]);
  return ended;
}

/** An id has none of these characters. */
function isAddress(target: string): boolean {
  return /[.:/]/.test(target);
}

function named(ref: number, target: string): Network {
  try {
    return parseNetwork(target);
  } catch (error) {
    throw error instanceof NetworkError ? new ControlError(ref, 'bad_request', error.message) : error;
  }
}

export function networkOfClient(ref: number, { nick, address }: LocatedClient): Network {
  const network = parseAddress(address);
  if (network === undefined) throw new ControlError(ref, 'failed', `The address of ${nick} is not known: kick it.`);
  return customerOf(network);
}

function refuseUnwise(ref: number, network: Network): void {
  const text = formatNetwork(network);
  if (network.length < SHORTEST[network.family]) {
    const message = `${text} is too wide for a ban: an IPv4 network takes at least /8, an IPv6 network at least /16.`;
    throw new ControlError(ref, 'bad_request', message);
  }
  if (hasLoopback(network)) {
    const message = `${text} is the server's own machine, and everybody who comes through a proxy on it: kick the client instead. Behind a proxy, serve --trust-proxy knows who is who.`;
    throw new ControlError(ref, 'bad_request', message);
  }
}

/** Ends the connections that a ban is for, at every server; their number. */
async function endEverywhere(server: AdminContext, ban: Ban): Promise<number> {
  let ended = 0;
  const question = { type: 'banned', ban: encodeBan(ban) } as const;
  for await (const { answer } of everywhere(server, question, [])) ended += answer.ended;
  return ended;
}

async function endIdOf(server: AdminContext, ref: number, { id, room: name }: LocatedClient, ban: Ban): Promise<void> {
  const room = await server.rooms.hold(name);
  // With the room its keys have gone.
  if (room === undefined) return;
  try {
    await endId(server, ref, room, id, bannedBy(ban));
  } finally {
    server.rooms.release(room);
  }
}

function theBan({ bans }: AdminContext, ref: number, network: Network, room: string | undefined): Ban {
  const ban = bans.get(network, room);
  if (ban !== undefined) return ban;
  const text = formatNetwork(network);
  const [wider] = bans.covering(network, room);
  const [elsewhere] = bans.all().filter((other) => formatNetwork(other.network) === text);
  let message = `${text} is not banned${room === undefined ? '' : ` from ${room}`}.`;
  if (elsewhere !== undefined) {
    const { room: other } = elsewhere;
    message +=
      other === undefined
        ? ' It is banned from the whole server.'
        : ` It is banned from ${other}: add --room ${other}.`;
  } else if (wider !== undefined) {
    message = `${text} is not banned by itself: the ban of ${formatNetwork(wider.network)} covers it.`;
  }
  throw new ControlError(ref, 'not_found', message);
}

/** The ban that was made for a client, by its id or a beginning of it. */
function theBanOf({ bans }: AdminContext, ref: number, prefix: string, room: string | undefined): Ban {
  const found = bans.all().filter((ban) => ban.room === room && ban.client?.id.startsWith(prefix));
  const [ban] = found;
  if (ban === undefined || prefix === '') {
    throw new ControlError(ref, 'not_found', 'There is no such ban. To list them: roomchat admin bans');
  }
  if (found.length > 1) throw new ControlError(ref, 'ambiguous', `This prefix matches ${found.length} bans.`);
  return ban;
}

/** Whether a ban holds for all of a network, in this room or, without one, in any. */
function covers(ban: Ban, network: Network, room: string | undefined): boolean {
  return contains(ban.network, network) && (room === undefined || ban.room === undefined || ban.room === room);
}
