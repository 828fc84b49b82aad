// A client's session with a room, over as many connections as it takes: joins, reads on where it was, and brings every
// message through once. Never prints, and never throws for what a server does.

import {
  type Command,
  ERROR_CLOSE_CODES,
  type ErrorLine,
  type LogLine,
  type OwnerCommand,
  parseNick,
  type ServerLine,
  safeJson,
  type WelcomeLine,
} from '../protocol/index.ts';
import { systemClock } from './clock.ts';
import type { RoomConnection } from './connection.ts';
import { Delivery, type DeliveryOwner } from './delivery.ts';
import { KnownPeople } from './known-people.ts';
import { Membership, type MembershipOptions } from './membership.ts';
import { NickChoice, type NickWish } from './nick-choice.ts';
import type { SessionEnd, SessionObserver } from './observer.ts';
import { type Message, Outbox } from './outbox.ts';
import { OwnerKey, type OwnerKeyStore } from './owner-key.ts';
import type { Place } from './place.ts';
import { randomHex } from './random.ts';
import { Reconnector, type ReconnectorOptions, type ReconnectorOwner } from './reconnector.ts';
import { readSaved, type SavedSession, type SessionStore } from './saved-session.ts';

export interface RoomSessionOptions extends ReconnectorOptions, MembershipOptions {
  /** Without one it is asked for, and where nobody is to be asked the server gives one. */
  readonly nick?: NickWish | undefined;
  /** Sent with every join, so that it also protects a room which this client opens. */
  readonly password?: string | undefined;
  /** Only into a room that has a password; without it, only once the room was known to have one. */
  readonly protectedOnly?: boolean | undefined;
  /** Where the session is written down, so that it goes on after a reload. */
  readonly store?: SessionStore | undefined;
  /** Where the key is kept that makes this client an owner of the room. */
  readonly ownerKeys?: OwnerKeyStore | undefined;
}

const REF_BYTES = 8;

export class RoomSession {
  readonly #options: RoomSessionOptions;
  readonly #observer: Partial<SessionObserver>;
  readonly #membership: Membership;
  readonly #nickChoice: NickChoice;
  readonly #outbox: Outbox;
  readonly #delivery: Delivery;
  readonly #reconnector: Reconnector;
  readonly #ownerKey: OwnerKey;
  readonly #people = new KnownPeople();
  /** The one that this session was given, until a server has called it wrong. */
  #given: string | undefined;
  /** For the connection at hand. One that was asked for is not kept for the next. */
  #password: string | undefined;
  /** Of others, since the welcome. */
  #newLines = 0;

  constructor(options: RoomSessionOptions, observer: Partial<SessionObserver>) {
    const saved = readSaved(options.store);
    this.#options = options;
    this.#given = options.password;
    this.#observer = observer;
    this.#ownerKey = new OwnerKey(options.ownerKeys);
    this.#membership = new Membership(options, saved);
    if (options.protectedOnly) this.#membership.demandProtection();
    this.#nickChoice = new NickChoice(options.nick, saved.nick);
    // Under an id that outlives this session, its refs must be those of no other.
    this.#outbox = new Outbox(options.store === undefined ? '' : `${randomHex(REF_BYTES)}-`, saved.outbox);
    this.#reconnector = new Reconnector(options, {
      connecting: (server) => observer.connecting?.(server),
      opened: (connection, password) => {
        this.#password = password ?? this.#given;
        this.#join(connection);
      },
      passwordAsked: (wrong) => {
        this.#membership.demandProtection();
        // Sent again, it would count as another guess.
        if (wrong) this.#given = undefined;
      },
      received: (line, raw) => this.#received(line, raw),
      nickChosen: (nick) => this.#nickChoice.choose(nick),
      lost: (reason, retryInMs) => observer.lost?.(reason, retryInMs),
      ended: (end) => this.#ended(end),
    } satisfies ReconnectorOwner);
    this.#delivery = new Delivery(this.#outbox, options.clock ?? systemClock, this.#deliveryOwner(), observer);
  }

  /**
   * Begins; after an end, begins again as somebody new who reads on where this one was. `nick`: the one that the user has
   * chosen just now.
   */
  start(nick?: string): void {
    if (nick !== undefined) this.#nickChoice.choose(nick);
    this.#reconnector.start(this.#nickChoice.current === undefined);
  }

  /**
   * Begins again although the room is open that was protected. What is left was not meant for an open room: it is given
   * up, and returned.
   */
  startOpen(): readonly Message[] {
    this.#membership.acceptOpen();
    const left = this.#outbox.takeAll();
    this.#save();
    this.start();
    return left;
  }

  /** Dials at once, where it waits to dial again. */
  dialNow(): void {
    this.#reconnector.dialNow();
  }

  /** Messages that were said and have neither a receipt nor a refusal. */
  get pending(): number {
    return this.#outbox.size;
  }

  /** These messages, oldest first, also when the session is over. `sent`: the room may have it. */
  get left(): readonly (Message & { readonly sent: boolean })[] {
    return this.#outbox.left;
  }

  /** The nick in the room, or the one to join with. */
  get nick(): string | undefined {
    return this.#nickChoice.current;
  }

  /** How far it has read; told of a line, up to that line. What the option `from` takes. */
  get place(): Place | undefined {
    return this.#membership.place;
  }

  /** Queues a message and returns its ref; it is sent as soon as the room can take it. Await `ready` before the next. */
  say(text: string): string {
    return this.#delivery.say(text);
  }

  /** Resolves once there is room for more messages, or the session is over. */
  ready(): Promise<void> {
    return this.#delivery.ready();
  }

  /** Asks for another nick; the answer is a `renamed` line or trouble. False: not connected. Throws NameError. */
  setNick(nick: string): boolean {
    return this.#command({ type: 'nick', nick: parseNick(nick) });
  }

  /** Asks who is in the room; the answer is a `members` line. False: not connected. */
  who(): boolean {
    return this.#command({ type: 'who' });
  }

  /** The key of the room's owners, where this client is one: a secret. */
  get ownerKey(): string | undefined {
    return this.#ownerKey.current;
  }

  /**
   * Joins anew with this key; `joined` follows, and `ownerKey` says then whether it is the room's. False: not connected.
   */
  becomeOwner(key: string): boolean {
    if (!this.#reconnector.connection?.isJoined) return false;
    this.#ownerKey.give(key);
    return this.replay(0);
  }

  /**
   * Wants something done as an owner; the answer is a `done` or `settings` line, or trouble. Of a nick the one is meant who
   * was heard of last under it. Whoever is no owner is told so here: an older server would end the connection. False: not
   * connected.
   */
  act(command: OwnerCommand): boolean {
    if (!this.#reconnector.connection?.isJoined) return false;
    if (this.#ownerKey.current === undefined) {
      this.#observer.trouble?.('not_owner', 'Only an owner of this room can do that.');
      return true;
    }
    const isOfNow = command.type === 'kick' || command.type === 'ban' || command.type === 'mute';
    const id = isOfNow && command.nick !== undefined ? this.#people.idOf(command.nick) : undefined;
    if (!isOfNow || id === undefined) return this.#command(command);
    const { nick: _, ...rest } = command;
    return this.#command({ ...rest, id });
  }

  /**
   * Shows the last lines of the log once more: joins anew as the same client, which others do not notice. Where more has
   * come meanwhile than was asked for, only that is shown. False: not connected.
   */
  replay(lines: number): boolean {
    const { connection } = this.#reconnector;
    if (!connection?.isJoined) return false;
    this.#membership.replayAgain(lines);
    connection.rejoin();
    return true;
  }

  /** Stops reading, also on later connections: nothing is lost. What is left of the frame at hand still comes. */
  pause(): void {
    this.#reconnector.pause();
  }

  resume(): void {
    this.#reconnector.resume();
  }

  /** Sends what may be sent now and goes, with close code 1000. `ended` follows, at the latest after five seconds. */
  leave(): void {
    this.#delivery.flush();
    this.#reconnector.leave();
  }

  #join(connection: RoomConnection): void {
    const command = this.#membership.join(
      this.#nickChoice.current,
      this.#password,
      this.#outbox.hasSent,
      this.#ownerKey.offered,
    );
    // Before it is sent: the attempt has to be known also where this program is gone before the answer.
    this.#save();
    connection.send(command);
  }

  #received(line: ServerLine, raw: string): void {
    this.#people.hear(line);
    switch (line.type) {
      case 'welcome':
        this.#welcomed(line);
        break;
      case 'key':
        this.#membership.rekeyed(line.key);
        this.#save();
        break;
      case 'message':
      case 'notice':
        this.#logged(line, raw);
        break;
      case 'live':
        this.#outbox.settle();
        this.#delivery.flush();
        this.#observer.line?.(line, raw, false);
        this.#observer.live?.(this.#newLines);
        break;
      case 'error':
        this.#observer.line?.(line, raw, false);
        this.#answered(line);
        break;
      default: {
        const own = this.#isOwnRenaming(line);
        this.#observer.line?.(line, raw, own);
      }
    }
  }

  #isOwnRenaming(line: ServerLine): boolean {
    if (line.type !== 'renamed' || line.id !== this.#membership.id) return false;
    this.#nickChoice.choose(line.nick);
    this.#save();
    return true;
  }

  #welcomed(line: WelcomeLine): void {
    if (!this.#membership.accepts(line)) {
      this.#reconnector.connection?.end({ by: 'unprotected' });
      return;
    }
    const { key: _, owner, ...welcome } = line;
    this.#ownerKey.welcomed(owner);
    const { resumed, sameLog, otherLog, gap } = this.#membership.welcomed(line);
    this.#nickChoice.settle(line.nick);
    if (gap) {
      this.#reconnector.connection?.rejoin();
      return;
    }
    this.#newLines = 0;
    this.#outbox.joined();
    this.#observer.line?.(welcome, safeJson(welcome), false);
    this.#observer.joined?.(welcome, resumed, sameLog);
    // A speaker hears only what was said under its id: as somebody new it never learns what the room has of it.
    if (this.#options.speaker && !otherLog && !resumed) this.#delivery.abandonSent();
    this.#save();
    this.#delivery.flush();
  }

  #logged(line: LogLine, raw: string): void {
    const place = this.#membership.advance(line);
    if (place === 'old') return;
    const isReceipt = line.type === 'message' && this.#delivery.strike(line);
    const own = isReceipt || (line.type === 'message' && this.#membership.isOwn(line.id));
    if (!own && place === 'new') this.#newLines += 1;
    this.#observer.line?.(line, raw, own);
    if (isReceipt) this.#delivery.received(line);
  }

  #answered(line: ErrorLine): void {
    const { code, message } = line;
    if (this.#delivery.refused(line)) return;
    if (code !== 'unknown' && ERROR_CLOSE_CODES[code] !== undefined) return;
    const { connection } = this.#reconnector;
    if (connection?.isJoining) {
      if (code === 'resume_invalid') this.#membership.forgetIdentity();
      if (code === 'epoch_changed') this.#membership.forgetLog();
      if (code === 'nick_taken') {
        this.#joinUnderAnotherNick(connection, line);
        return;
      }
    }
    this.#observer.trouble?.(code, message);
  }

  #joinUnderAnotherNick(connection: RoomConnection, line: ErrorLine): void {
    if (this.#nickChoice.next()) this.#join(connection);
    else connection.end({ by: 'error', line });
  }

  #ended(end: SessionEnd): void {
    // Who was sent away, or goes on elsewhere, is not the same client again; who found the room open may be, with its
    // password back.
    if (end.kind !== 'unprotected') this.#membership.forgetIdentity();
    this.#save();
    this.#delivery.release();
    this.#observer.ended?.(end);
  }

  #command(command: Command): boolean {
    const { connection } = this.#reconnector;
    if (!connection?.isJoined) return false;
    // What was said before it goes first, where it may go.
    this.#delivery.flush();
    connection.send(command);
    return true;
  }

  #deliveryOwner(): DeliveryOwner {
    return {
      isOver: () => this.#reconnector.isOver,
      outlet: () => {
        const { connection } = this.#reconnector;
        const { id } = this.#membership;
        if (!connection?.isJoined || id === undefined) return undefined;
        return { id, sendFrame: (lines) => connection.sendFrame(lines) };
      },
      save: () => this.#save(),
    };
  }

  #save(): void {
    this.#options.store?.write(JSON.stringify(this.#saved));
  }

  get #saved(): SavedSession {
    return { ...this.#membership.saved, nick: this.#nickChoice.settled, outbox: this.#outbox.saved };
  }
}
