// What each command of a member does; a join, which makes one, is in joining.ts. A table; one small function a command.

import {
  type Command,
  encodeLine,
  encodeMembers,
  foldNick,
  type JoinCommand,
  MAX_MEMBERS_LISTED,
  type NickCommand,
  type OwnerCommand,
  ProtocolError,
  type SayCommand,
} from '../../protocol/index.ts';
import type { Account } from '../budget/account.ts';
import type { LogQuota } from '../budget/quotas.ts';
import { WORK } from '../common/limits.ts';
import type { Member } from '../room/member.ts';
import type { Room } from '../room/room.ts';
import type { SessionState } from './state.ts';

/** A session, as far as commands need it. */
export interface Commanded {
  readonly state: SessionState;
  /** Undefined for loopback, which pays nothing. */
  readonly account: Account | undefined;
  /** The network that it comes from, as text; undefined for this machine. */
  readonly customer: string | undefined;
  /** Charges its address with work, in units of WORK. */
  pay(units: number): void;
  send(lines: string): void;
}

interface Joined {
  readonly session: Commanded;
  readonly quota: LogQuota;
  readonly room: Room;
  readonly member: Member;
}

/** What is done at once. */
type MemberCommand = Exclude<Command, JoinCommand | OwnerCommand>;
type ByType = { [C in MemberCommand as C['type']]: C };
type OfType<T extends keyof ByType> = { [P in T]: ByType[P] & { readonly type: P } }[T];

const commands: { readonly [T in keyof ByType]: (joined: Joined, command: OfType<T>) => void } = {
  say,
  nick: rename,
  who,
  ping: ({ session }) => session.send(encodeLine({ type: 'pong' })),
};

function run<T extends keyof ByType>(joined: Joined, command: OfType<T>): void {
  commands[command.type](joined, command);
}

/** Handles one command of a session that has joined. Throws ProtocolError, also where it has not. */
export function dispatch(session: Commanded, command: MemberCommand, quota: LogQuota): void {
  const { state } = session;
  if (state.kind !== 'joined') throw notJoined(command.type);
  run({ session, room: state.room, member: state.member, quota }, command);
}

export function notJoined(type: Command['type']): ProtocolError {
  return new ProtocolError('bad_request', `The first line must be a join; this is a ${type}.`);
}

function say({ session: { account, customer }, room, member, quota }: Joined, { text, ref }: SayCommand): void {
  room.rules.check(member, customer, ref);
  if (account !== undefined) quota.check(account, ref);
  const seq = room.nextSeq;
  const entry = room.say(member, text, ref);
  room.rules.spoke(member, customer);
  account?.log?.charge(entry.headBytes(seq) + Buffer.byteLength(entry.rest));
}

function rename({ session, room, member }: Joined, { nick }: NickCommand): void {
  session.pay(WORK.nick);
  room.roster.rename(member, nick, foldNick(nick));
}

function who({ session, room }: Joined): void {
  const { present } = room;
  session.pay(Math.min(present, MAX_MEMBERS_LISTED) / WORK.membersListed);
  session.send(encodeMembers(room.roster.everybody(), present));
}
