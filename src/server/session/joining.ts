// A join, from the line to the member: the room found or made, who the client is, the password, and where its reading
// starts. Everything that takes time comes first; the last step is one turn, so that nothing can change in between.

import { type Attempt, type Cursor, DamagedError, OvertakenError } from '../../log/index.ts';
import { encodeLine, type JoinCommand, MAX_LOG_LINE_BYTES, ProtocolError } from '../../protocol/index.ts';
import type { Bans } from '../access/bans.ts';
import { keysOf, newClientId, ownerKey, ownerKeyFits, resumeKey, resumeKeyFits } from '../access/identity.ts';
import type { PasswordGate, Visitor } from '../access/password-gate.ts';
import type { ClientAddress } from '../addresses/address.ts';
import type { Account } from '../budget/account.ts';
import { payForRoom } from '../budget/quotas.ts';
import type { Clock } from '../common/clock.ts';
import type { ServerLimits } from '../common/limits.ts';
import { Member, type MemberOutput } from '../room/member.ts';
import { chooseNick } from '../room/nick-choice.ts';
import type { Room } from '../room/room.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Guise } from './guise.ts';
import type { JoinedHow, SessionState } from './state.ts';

/** A session, as far as its join needs it. */
export interface JoiningSession extends MemberOutput {
  readonly state: SessionState;
  readonly roomName: string;
  readonly address: ClientAddress;
  /** Undefined for loopback, which pays nothing. */
  readonly account: Account | undefined;
  /** Undefined for a WebSocket. */
  readonly guise: Guise | undefined;
  beginJoin(): void;
  paySearch(most: number): Promise<boolean>;
  refundSearch(bytes: number): void;
  joined(room: Room, member: Member, how: JoinedHow): void;
  joinAgain(): void;
  failUnexpectedly(error: unknown): void;
}

export interface JoinContext {
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly secret: Buffer;
  readonly gate: PasswordGate;
  readonly bans: Pick<Bans, 'check'>;
  /** The connected session of an id. */
  sessionOf(id: string): Pick<JoiningSession, 'state' | 'fail'> | undefined;
  /** Soon after the start everybody resumes: that is not announced. */
  isStarting(): boolean;
  /** The other servers cannot be reached. */
  readonly isCutOff: boolean;
}

interface Place {
  readonly room: Room;
  readonly created: boolean;
}

/** Who a joining client is: the client of an earlier welcome, or a new one, with what it has to be told about that. */
type Standing =
  | { readonly kind: 'resumes'; readonly id: string; readonly attempt: number; readonly told?: 'epoch_changed' }
  | { readonly kind: 'new'; readonly told?: 'epoch_changed' | 'resume_invalid' };

/** Who is about to come in. */
interface Entering {
  readonly standing: Standing;
  readonly wasHere: boolean;
  /** The client that a new one is by its guise. */
  readonly derived: Attempt | undefined;
}

/** Runs a join to its end; all errors go to the session. */
export async function join(session: JoiningSession, command: JoinCommand, context: JoinContext): Promise<void> {
  session.beginJoin();
  let place: Place | undefined;
  try {
    context.bans.check(session.address, session.roomName);
    if (context.isCutOff) throw new ProtocolError('going_away', 'This server cannot reach the others right now.');
    place = await findPlace(session, command, context);
    const { room } = place;
    const { keys } = room.log.meta;
    const client = resumingClient(command, room, context.secret);
    const wasHere = client !== undefined && context.sessionOf(client.id)?.state.kind === 'joined';
    await room.ready(client, command.since ?? 0);
    if (session.guise?.reads) await room.catchUp();
    const since = command.since === undefined ? undefined : room.log.findAfter(command.since);
    const standing = standingOf(command, room, since, client);
    const stored = room.log.meta.password;
    if (stored !== undefined && standing.kind === 'new' && !place.created) {
      await context.gate.check(visitorOf(session), command.password, stored);
    }
    const derived = session.guise?.clientIn(room.log.meta);
    if (derived !== undefined) await room.ready(derived, 0);
    const last = command.last === undefined ? undefined : await findLast(session, room, command.last);
    // What has let it in may not be so any more: an unattended client finds out by itself.
    if (room.log.meta.keys !== keys) throw new ProtocolError('going_away', 'The room has just been given new keys.');
    for (const known of [client, derived]) if (known !== undefined && room.isOvertaken(known)) throw replaced();
    const who = { standing, wasHere, derived };
    if (session.state.kind === 'joining') enter(session, command, place, who, since ?? last, context);
  } catch (error) {
    failJoin(session, place?.room.isClosed ? new ProtocolError('going_away', 'The room was deleted.') : error);
  } finally {
    if (place !== undefined) context.rooms.release(place.room);
  }
  session.proceed();
}

function failJoin(session: JoiningSession, error: unknown): void {
  if (error instanceof DamagedError) {
    session.logFailed(error);
  } else if (error instanceof OvertakenError) {
    session.fail(replaced());
  } else if (error instanceof ProtocolError) {
    session.fail(error);
    if (session.state.kind === 'joining') session.joinAgain();
  } else {
    session.failUnexpectedly(error);
  }
}

/** The room, made where it does not exist, and held. Of two that open it at once exactly one makes it. */
async function findPlace(session: JoiningSession, command: JoinCommand, context: JoinContext): Promise<Place> {
  const { rooms, gate } = context;
  const name = session.roomName;
  const existing = await rooms.hold(name);
  if (existing !== undefined) return { room: existing, created: false };
  if (session.guise?.reads) throw new ProtocolError('going_away', 'The room was deleted.');
  if (command.protected && command.password === undefined) {
    throw new ProtocolError('unprotected', 'This room does not exist, and is not created without a password.');
  }
  if (session.account !== undefined) payForRoom(session.account);
  const password =
    command.password === undefined ? undefined : await gate.hashForNewRoom(visitorOf(session), command.password);
  return await rooms.create(name, password);
}

/**
 * Where the last `count` lines begin. They are read for that, which is charged before, however long they may be.
 * Undefined where the client has gone meanwhile.
 */
async function findLast(session: JoiningSession, room: Room, count: number): Promise<Cursor | undefined> {
  const { log } = room;
  const most = Math.min(log.durableEnd, count * MAX_LOG_LINE_BYTES);
  if (!(await session.paySearch(most))) return undefined;
  await room.catchUp();
  const end = log.durableEnd;
  const found = await log.findLast(count);
  session.refundSearch(Math.max(0, most - (end - found.position)));
  return found;
}

function visitorOf(session: JoiningSession): Visitor {
  const { address, roomName: room } = session;
  return { address, room, isGone: () => session.state.kind !== 'joining' };
}

/** The client of an earlier welcome that comes back, if its key fits. */
function resumingClient({ epoch, resume }: JoinCommand, { log: { meta } }: Room, secret: Buffer): Attempt | undefined {
  if (resume === undefined || (epoch !== undefined && epoch !== meta.epoch)) return undefined;
  return resumeKeyFits(secret, keysOf(meta), resume.id, resume.key) ? resume : undefined;
}

function standingOf(
  command: JoinCommand,
  room: Room,
  since: Cursor | undefined,
  client: Attempt | undefined,
): Standing {
  const { epoch } = room.log.meta;
  if (command.epoch !== undefined && command.epoch !== epoch) return { kind: 'new', told: 'epoch_changed' };
  const lost = command.since !== undefined && !isSameHistory(since, command.since, command.sinceAt);
  if (client === undefined) {
    if (lost) return { kind: 'new', told: 'epoch_changed' };
    return command.resume === undefined ? { kind: 'new' } : { kind: 'new', told: 'resume_invalid' };
  }
  // Its id is of this log whatever became of the lines: under it the replay tells which of its own were saved.
  const { id, attempt } = client;
  return { kind: 'resumes', id, attempt, ...(lost && { told: 'epoch_changed' }) };
}

/**
 * Whether the log still holds what a client has read up to `seq`. A log that was put back from a backup does not, though
 * it may have reached that number again: then another line has it, or the last one before it was said later. A line that
 * a power loss took is missing, and nothing stands in its place: the client has read no less than there is.
 */
function isSameHistory(found: Cursor | undefined, seq: number, at: number | undefined): boolean {
  if (found === undefined) return false;
  if (at === undefined || found.at === undefined) return true;
  return found.after === seq ? found.at === at : found.at <= at;
}

/** The last step, in one turn: the older connection ends, the client becomes a member and learns of it. */
function enter(
  session: JoiningSession,
  command: JoinCommand,
  { room, created }: Place,
  { standing, wasHere, derived }: Entering,
  found: Cursor | undefined,
  context: JoinContext,
): void {
  const { meta } = room.log;
  if (command.protected && meta.password === undefined) {
    throw new ProtocolError('unprotected', 'This room has no password: anybody can read it.');
  }
  const speaker = command.as === 'speaker';
  const resumes = standing.kind === 'resumes';
  const claim = resumes || speaker ? undefined : command.claim;
  /** The same client, whose first connection died before it had its welcome. */
  const ghost = claim === undefined ? undefined : room.roster.claims.find(claim);
  const id = resumes ? standing.id : (derived?.id ?? ghost?.id ?? newClientId());
  // Final for a client that comes back by itself; the person may join as somebody new.
  if (room.log.access.isRevoked(id)) throw new ProtocolError('kicked', 'You were removed from the room.');
  const attempt = resumes ? standing.attempt : (derived?.attempt ?? 0);
  const resumed = resumes || ghost !== undefined;
  const isReplacing = (resumed && endOlder(id, attempt, context)) || wasHere;
  const isOwner = created || (command.owner !== undefined && ownerKeyFits(context.secret, meta, command.owner));
  const nick = chooseNick(command.nick ?? ghost?.nick, room.roster, id, resumed);
  const asked = startOf(room, standing, found, speaker && !resumes);
  const start = session.guise?.startIn(room.log, asked) ?? asked;
  const member = new Member(room, {
    id,
    nick,
    output: session,
    speaker,
    reads: session.guise?.reads ?? false,
    position: start.position,
    liveAfter: room.accepted,
    attempt,
    outputLimit: context.limits.output,
    owners: isOwner ? (meta.rules?.owners ?? 0) : ghost?.owners,
  });
  room.enter(member, !(isReplacing || (resumes && context.isStarting())));
  if (claim !== undefined) room.roster.claims.add(claim, member);
  session.joined(room, member, { attempt, created, resumed, claims: claim !== undefined });
  const welcome = encodeLine({
    type: 'welcome',
    protocol: 1,
    id,
    nick,
    room: room.name,
    epoch: meta.epoch,
    seq: room.durableSeq,
    after: start.after,
    ...(start.at === undefined ? {} : { afterAt: start.at }),
    present: room.present,
    created,
    protected: meta.password !== undefined,
    ...room.rules.settings,
    key: resumeKey(context.secret, keysOf(meta), id),
    ...(room.rules.isOwner(member) ? { owner: ownerKey(context.secret, meta) } : {}),
  });
  member.begin(toldOf(standing) + welcome);
}

/** Ends the connection that this id still has. Throws ProtocolError `replaced` where that one is the newer. */
function endOlder(id: string, attempt: number, context: JoinContext): boolean {
  const older = context.sessionOf(id);
  if (older?.state.kind !== 'joined') return false;
  if (older.state.attempt > attempt) throw replaced();
  older.fail(replaced());
  return true;
}

function replaced(): ProtocolError {
  return new ProtocolError('replaced', 'This client has connected again elsewhere.');
}

function startOf(room: Room, { told }: Standing, found: Cursor | undefined, atEnd: boolean): Cursor {
  if (told === 'epoch_changed') return { position: 0, after: 0 };
  if (found !== undefined) return found;
  return atEnd ? { position: room.log.durableEnd, after: room.durableSeq } : { position: 0, after: 0 };
}

function toldOf({ told }: Standing): string {
  if (told === undefined) return '';
  const message =
    told === 'epoch_changed'
      ? 'The history that you knew is gone: the room starts over.'
      : 'This resume key does not fit: you have joined as somebody new.';
  return encodeLine({ type: 'error', code: told, message });
}
