// What each command of a client does, with its precondition. A table; one small function a command.

import {
  type Command,
  encodeLine,
  foldNick,
  type JoinCommand,
  MAX_MEMBERS_LISTED,
  ProtocolError,
} from '../protocol/index.ts';
import type { Member } from './member.ts';
import type { Room } from './room.ts';
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
  say: ({ room, member }, { text, ref }) => room.say(member, text, ref),
  nick: ({ room, member }, { nick }) => room.rename(member, nick, foldNick(nick)),
  who: ({ session, room }) => session.send(encodeLine(membersLine(room))),
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
    join(session, command);
  } else if (state.kind === 'joined') {
    run({ session, room: state.room, member: state.member }, command);
  } else {
    throw new ProtocolError('bad_request', `The first line must be a join; this is a ${command.type}.`);
  }
}

function membersLine(room: Room) {
  const members = [];
  for (const { id, nick } of room.members.values()) {
    if (members.length >= MAX_MEMBERS_LISTED) break;
    members.push({ id, nick });
  }
  return { type: 'members', members, present: room.present } as const;
}
