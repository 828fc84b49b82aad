// What one server of a cluster asks another on behalf of an admin, and the answers: about the clients that are connected there,
// and the logs that it has. A server asks itself as well, so that a command does the same wherever its clients are.

import {
  type ClientEntry,
  ControlError,
  hasShape,
  ProtocolError,
  type RoomEntry,
  type Shape,
} from '../../protocol/index.ts';
import { decodeBan } from '../access/ban-file.ts';
import { settingsOf } from '../room/rules.ts';
import type { Session } from '../session/session.ts';
import type { AdminContext } from './admin-context.ts';
import { endThose } from './banned-clients.ts';
import { asControlError } from './control-errors.ts';
import { type VerifiedRoom, verifyHere } from './log-check.ts';
import { broadcast, direct } from './speech.ts';

export type Question =
  | { readonly type: 'rooms' }
  /** The rooms that are open. */
  | { readonly type: 'open' }
  | { readonly type: 'clients'; readonly room?: string | undefined }
  | { readonly type: 'verify'; readonly room?: string | undefined }
  /** Clients whose id begins so. */
  | { readonly type: 'find'; readonly id: string }
  | { readonly type: 'dm'; readonly id: string; readonly text: string }
  | { readonly type: 'broadcast'; readonly room: string; readonly text: string }
  /** Ends a client's connection. */
  | {
      readonly type: 'end';
      readonly id: string;
      readonly room: string;
      readonly code: 'kicked' | 'banned';
      readonly message: string;
    }
  /** Ends the connections that a ban is for. */
  | { readonly type: 'banned'; readonly ban: string };

export interface FoundClient {
  readonly id: string;
  readonly nick: string;
  readonly room: string;
  readonly address: string;
  /** Whether it is connected; else it has left lately. */
  readonly isHere: boolean;
}

export interface Answers {
  readonly rooms: RoomEntry;
  readonly open: { readonly room: string };
  readonly clients: ClientEntry;
  readonly verify: VerifiedRoom;
  readonly find: FoundClient;
  readonly dm: { readonly id: string; readonly nick: string; readonly room: string };
  readonly broadcast: { readonly seq: number };
  readonly end: { readonly ended: number };
  readonly banned: { readonly ended: number };
}

type ByType = { [Q in Question as Q['type']]: Q };
export type QuestionType = keyof ByType;
export type Asked<T extends QuestionType> = { [P in T]: ByType[P] & { readonly type: P } }[T];

const SHAPES: { readonly [T in QuestionType]: Shape } = {
  rooms: {},
  open: {},
  clients: { room: 'string?' },
  verify: { room: 'string?' },
  find: { id: 'string' },
  dm: { id: 'string', text: 'string' },
  broadcast: { room: 'string', text: 'string' },
  end: { id: 'string', room: 'string', code: 'string', message: 'string' },
  banned: { ban: 'string' },
};

type Answering<T extends QuestionType> = (
  server: AdminContext,
  question: Asked<T>,
) => AsyncIterable<Answers[T]> | Iterable<Answers[T]>;

const answering: { readonly [T in QuestionType]: Answering<T> } = {
  async *rooms({ rooms }) {
    for await (const { name, bytes, lastSeq: seq, protected: isProtected, rules } of rooms.known()) {
      const present = rooms.ifOpen(name)?.roster.members.size ?? 0;
      yield { name, present, seq, bytes, protected: isProtected, ...settingsOf(rules) };
    }
  },

  *open({ rooms }) {
    for (const { name } of [...rooms]) yield { room: name };
  },

  *clients({ clients }, { room }) {
    for (const session of [...clients.joined]) {
      if (room !== undefined && session.roomName !== room) continue;
      const entry = entryOf(session);
      if (entry !== undefined) yield entry;
    }
  },

  verify: (server, { room }) => verifyHere(server, room),

  *find({ clients }, { id: prefix }) {
    for (const { clientId: id, nick, roomName: room, address } of clients.byPrefix(prefix)) {
      yield { id, nick, room, address: address.text, isHere: true };
    }
    for (const { id, nick, room, address } of clients.departures.byPrefix(prefix)) {
      yield { id, nick, room, address: address.text, isHere: false };
    }
  },

  *dm(server, { id, text }) {
    const session = server.clients.sessionOf(id);
    if (session === undefined) throw new ControlError(0, 'not_found', 'This client has just left.');
    const { nick, roomName: room } = session;
    if (!direct(server, session, text)) {
      throw new ControlError(0, 'busy', 'This client is not reading right now: its output is over the limit.');
    }
    yield { id, nick, room };
  },

  async *broadcast(server, { room, text }) {
    yield { seq: await broadcast(server, room, text) };
  },

  *end({ clients }, { id, room, code, message }) {
    const session = clients.sessionOf(id);
    const isHere = session?.roomName === room;
    if (isHere) session.fail(new ProtocolError(code, message));
    yield { ended: isHere ? 1 : 0 };
  },

  *banned(server, { ban }) {
    yield { ended: endThose(server, decodeBan(ban)) };
  },
};

/** The answers of this server. Throws ControlError, ProtocolError and RoomMissing as it goes. */
export function answersHere<T extends QuestionType>(
  server: AdminContext,
  question: Asked<T>,
): AsyncIterable<Answers[T]> | Iterable<Answers[T]> {
  return answering[question.type](server, question);
}

/** Answers what another server has asked, a JSON text an answer: what it asked for, or why that cannot be done. */
export async function answer(server: AdminContext, question: string, reply: (answer: string) => void): Promise<void> {
  try {
    const asked: unknown = JSON.parse(question);
    if (!isQuestion(asked)) throw new ControlError(0, 'failed', 'This server is older, and cannot do this.');
    for await (const one of answersHere(server, asked)) reply(JSON.stringify({ answer: one }));
  } catch (error) {
    const known = asControlError(0, error);
    if (known === undefined) server.unexpected(error);
    const { code, message } = known ?? { code: 'failed', message: 'internal error' };
    reply(JSON.stringify({ error: { code, message } }));
  }
}

function isQuestion(value: unknown): value is Question {
  if (!hasShape(value, { type: 'string' })) return false;
  const [, shape] = Object.entries(SHAPES).find(([type]) => type === value.type) ?? [];
  return shape !== undefined && hasShape(value, shape);
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
