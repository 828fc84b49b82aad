// What an owner does in a room of theirs, without the admin. It does the same as the control path, in this room alone, and
// tells an owner nothing of anybody's address.

import {
  durationText,
  encodeLine,
  foldNick,
  type OwnerCommand,
  ProtocolError,
  type Whom,
} from '../../protocol/index.ts';
import { isClientId } from '../access/identity.ts';
import type { PasswordGate } from '../access/password-gate.ts';
import type { ClientAddress } from '../addresses/address.ts';
import { contains, hasLoopback, parseAddress } from '../addresses/network.ts';
import type { Member } from '../room/member.ts';
import type { Person } from '../room/neighbours.ts';
import type { Room } from '../room/room.ts';
import { type LocatedClient, saved, theKnownClient } from './admin-answers.ts';
import type { AdminContext } from './admin-context.ts';
import { makeBan, networkOfClient } from './ban-commands.ts';
import { asControlError } from './control-errors.ts';
import { endId, giveNewKeys } from './removal.ts';
import { changeSettings, madeFor, mute, tellAlone, tellHere, unmute } from './rule-changes.ts';

export interface OwnersContext extends AdminContext {
  readonly gate: PasswordGate;
}

export interface Actor {
  readonly address: ClientAddress;
  readonly room: Room;
  readonly member: Member;
}

/** Bans of one room that its owners may make, and of all rooms together: the rest is for whoever runs the server. */
const MOST_BANS_OF_A_ROOM = 200;
const MOST_BANS = 5_000;
/** Nicks named where one was not found. */
const MOST_NAMED = 10;

type ByType = { [C in OwnerCommand as C['type']]: C };
type OfType<T extends keyof ByType> = { [P in T]: ByType[P] & { readonly type: P } }[T];

/** Whom it was about, for the answer. Undefined: the answer is what everybody is told. */
type Done = { readonly id?: string; readonly nick?: string; readonly for?: number } | undefined;

const acts: {
  readonly [T in keyof ByType]: (server: OwnersContext, actor: Actor, command: OfType<T>) => Promise<Done>;
} = {
  async kick(server, actor, { reason, ...whom }) {
    const person = theOther(actor, whom);
    const told = `You were removed from the room${reason === undefined ? '.' : `: ${reason}`}`;
    const isNew = await endId(server, 0, actor.room, person.id, new ProtocolError('kicked', told));
    if (!isNew) throw failed('This client was removed before: its id has ended.');
    return person;
  },

  async ban(server, actor, { for: seconds, ...whom }) {
    const { bans, clock } = server;
    const client = await locate(server, actor, whom);
    const { id, nick } = client;
    const network = networkOfClient(0, client);
    if (hasLoopback(network)) {
      throw failed(`${nick} comes through the server's own machine, which cannot be banned: kick or mute instead.`);
    }
    const own = parseAddress(actor.address.text);
    if (own !== undefined && contains(network, own)) {
      throw failed(`${nick} comes from your own address, which you would ban with it: kick or mute instead.`);
    }
    const room = actor.room.name;
    const isNew = bans.get(network, room) === undefined;
    if (isNew && (bans.count(room) >= MOST_BANS_OF_A_ROOM || bans.count() >= MOST_BANS)) {
      throw failed('There are too many bans: lift some, or ask whoever runs the server.');
    }
    const since = clock.now();
    const until = seconds === undefined ? undefined : since + seconds * 1000;
    await makeBan(server, 0, { network, room, since, until, reason: undefined, client: { id, nick } }, client);
    return { id, nick, ...(seconds === undefined ? {} : { for: seconds }) };
  },

  async unban({ bans }, { room }, whom) {
    const here = bans.all().filter((ban) => ban.room === room.name);
    const isMeant = madeFor(whom);
    const lifted = here.filter(({ client }) => client !== undefined && isMeant(client));
    if (lifted.length === 0) {
      throw failed(
        notFound(
          whom,
          'banned from this room',
          here.map(({ client }) => client?.nick ?? ''),
        ),
      );
    }
    await saved(0, 'The end of the ban', bans.remove(...lifted));
    return lifted[0]?.client ?? {};
  },

  async mute(server, actor, { for: seconds, ...whom }) {
    const client = await locate(server, actor, whom);
    const { id, nick } = client;
    const until = server.clock.now() + seconds * 1000;
    await mute(server, 0, actor.room, client, until);
    await tellAlone(server, client, `You are muted in this room for ${durationText(seconds * 1000)}.`);
    return { id, nick, for: seconds };
  },

  async unmute(server, { room }, whom) {
    const holder = whom.nick === undefined ? undefined : room.roster.holderOf(foldNick(whom.nick));
    const isMeant = madeFor(whom);
    const lifted = await unmute(server, 0, room, (one) => isMeant(one) || one.id === holder?.id);
    const [first] = lifted;
    if (first === undefined) {
      const muted = (room.log.meta.rules?.mutes ?? []).filter(({ until }) => until > server.clock.now());
      throw failed(
        notFound(
          whom,
          'muted',
          muted.map(({ nick }) => nick),
        ),
      );
    }
    const { id, nick } = first;
    await tellHere(server, id, 'You can write again.');
    return { id, nick };
  },

  async password(server, { address, room, member }, { password }) {
    const visitor = { address, room: room.name, isGone: () => member.state === 'ended' };
    const hash = await server.gate.hashForNewRoom(visitor, password);
    if (room.isClosed) throw failed('The room was closed meanwhile.');
    const changing = room.log.access.changePassword(hash);
    giveNewKeys(server, room);
    await saved(0, 'The new password', changing);
    return {};
  },

  async set(_server, { room }, { type: _type, ...wanted }) {
    return (await changeSettings(0, room, wanted)) ? undefined : {};
  },
};

/**
 * Does what an owner has asked for; the lines that answer it. Rejects with ProtocolError: `not_owner`, or `failed` with why it
 * could not be done.
 */
export async function act(server: OwnersContext, actor: Actor, command: OwnerCommand): Promise<string> {
  const { room, member } = actor;
  let error: ProtocolError | undefined;
  try {
    if (!room.rules.isOwner(member)) throw new ProtocolError('not_owner', 'Only an owner of this room can do that.');
    return answerTo(server, actor, command, await run(server, actor, command));
  } catch (reason) {
    error = asRefusal(reason);
    throw error ?? reason;
  } finally {
    const { id, nick } = member;
    server.emit({
      event: 'owner',
      at: server.clock.now(),
      room: room.name,
      id,
      nick,
      command: command.type,
      ...targetOf(command),
      ...(error === undefined ? {} : { error: error.code }),
    });
  }
}

function run<T extends keyof ByType>(server: OwnersContext, actor: Actor, command: OfType<T>): Promise<Done> {
  return acts[command.type](server, actor, command);
}

function answerTo(
  { clock }: AdminContext,
  { room, member }: Actor,
  { type: command }: OwnerCommand,
  done: Done,
): string {
  if (command !== 'set') return encodeLine({ type: 'done', command, ...done });
  // What has changed was told to every member; who speaks from outside, or has changed nothing, is told alone.
  if (done === undefined && !member.speaker) return '';
  return encodeLine({ type: 'settings', at: clock.now(), ...room.rules.settings });
}

/** Undefined for what is the server's own fault. */
function asRefusal(error: unknown): ProtocolError | undefined {
  if (error instanceof ProtocolError && error.code === 'not_owner') return error;
  const known = asControlError(0, error);
  return known === undefined ? undefined : failed(known.message);
}

function targetOf(command: OwnerCommand): { target?: string } {
  const target = 'id' in command ? command.id : 'nick' in command ? command.nick : undefined;
  return target === undefined ? {} : { target };
}

/** Whom a command is about; of an id it may have left. */
function thePerson({ room }: Actor, { id, nick = '' }: Whom): Person {
  if (id === undefined) {
    const holder = room.roster.holderOf(foldNick(nick));
    if (holder === undefined) throw failed(`Nobody here is called ${nick}.`);
    return { id: holder.id, nick: holder.nick };
  }
  if (!isClientId(id)) throw failed('This is not an id.');
  return { id, nick: room.roster.personOf(id)?.nick ?? '' };
}

/** The same, and not oneself. */
function theOther(actor: Actor, whom: Whom): { readonly id: string; readonly nick?: string } {
  const { id, nick } = thePerson(actor, whom);
  if (id === actor.member.id) throw failed('That is you.');
  return nick === '' ? { id } : { id, nick };
}

/** The same with where it comes from: it is here, or has left lately. */
async function locate(server: AdminContext, actor: Actor, whom: Whom): Promise<LocatedClient> {
  const client = await theKnownClient(server, 0, theOther(actor, whom).id);
  if (client.room !== actor.room.name) throw failed('No client here has this id.');
  return client;
}

function notFound({ id, nick = id }: Whom, what: string, others: readonly string[]): string {
  const named = others.filter((name) => name !== '').slice(0, MOST_NAMED);
  const known = named.length === 0 ? 'Nobody is.' : `These are: ${named.join(', ')}.`;
  return `${nick} is not ${what}. ${known}`;
}

function failed(message: string): ProtocolError {
  return new ProtocolError('failed', message);
}
