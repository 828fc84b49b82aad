// What each command of a client does, with its precondition. A table; one small function a command.

import {
  type Command,
  encodeLine,
  encodeMembers,
  foldNick,
  type JoinCommand,
  MAX_MEMBERS_LISTED,
  type NickCommand,
  ProtocolError,
  type SayCommand,
} from '../../protocol/index.ts';
import { WORK } from '../common/limits.ts';
import type { Member } from '../room/member.ts';
import type { Room } from '../room/room.ts';
import type { Session } from './session.ts';

interface Joined {
  readonly session: Session;
  readonly room: Room;
  readonly member: Member;
}

type ByType = { [C in Exclude<Command, JoinCommand> as C['type']]: C };
type OfType<T extends keyof ByType> = { [P in T]: ByType[P] & { readonly type: P } }[T];

/** The commands that need a session that has joined; `join` is the one that needs one that has not. */
const whenJoined: { readonly [T in keyof ByType]: (joined: Joined, command: OfType<T>) => void } = {
  say,
  nick: rename,
  who,
  ping: ({ session }) => session.send(encodeLine({ type: 'pong' })),
};

function run<T extends keyof ByType>(joined: Joined, command: OfType<T>): void {
  whenJoined[command.type](joined, command);
}

/** Handles one command of a session; joins are given to `join`. Throws ProtocolError. */
export function dispatch(
  session: Session,
  command: Command,
  join: (session: Session, command: JoinCommand) => void,
): void {
  const { state } = session;
  if (command.type === 'join') {
    if (state.kind !== 'waiting') throw new ProtocolError('bad_request', 'This connection has joined already.');
    session.pay(WORK.join);
    join(session, command);
  } else if (state.kind === 'joined') {
    run({ session, room: state.room, member: state.member }, command);
  } else {
    throw new ProtocolError('bad_request', `The first line must be a join; this is a ${command.type}.`);
  }
}

function say({ session: { account, context }, room, member }: Joined, { text, ref }: SayCommand): void {
  if (account?.log === undefined) {
    room.say(member, text, ref);
    return;
  }
  context.logQuota.check(account, ref);
  account.log.charge(Buffer.byteLength(room.say(member, text, ref)));
}

function rename({ session, room, member }: Joined, { nick }: NickCommand): void {
  session.pay(WORK.nick);
  room.rename(member, nick, foldNick(nick));
}

function who({ session, room }: Joined): void {
  const { present } = room;
  session.pay(Math.min(present, MAX_MEMBERS_LISTED) / WORK.membersListed);
  session.send(encodeMembers(room.members.values(), present));
}
