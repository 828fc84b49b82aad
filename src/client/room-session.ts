// A client's session with a room, over as many connections as it takes: joins, reads on where it was, and brings every
// message through once. Never prints, and never throws for what a server does.

import {
  type Command,
  ERROR_CLOSE_CODES,
  type ErrorLine,
  type LogLine,
  MAX_TEXT_BYTES,
  parseNick,
  type ServerLine,
  safeJson,
  type WelcomeLine,
} from '../protocol/index.ts';
import type { RoomConnection } from './connection.ts';
import { Membership } from './membership.ts';
import { NickChoice, type NickWish } from './nick-choice.ts';
import type { SayRefusal, SessionEnd, SessionObserver } from './observer.ts';
import { Outbox } from './outbox.ts';
import { Reconnector, type ReconnectorOptions, type ReconnectorOwner } from './reconnector.ts';

export interface RoomSessionOptions extends ReconnectorOptions {
  /** Without one the server gives one. */
  readonly nick?: NickWish | undefined;
  /** Sent with every join, so that it also protects a room which this client opens. */
  readonly password?: string | undefined;
  /** Only into a room that has a password; without it, only once the room was known to have one. */
  readonly protectedOnly?: boolean | undefined;
  /** How many lines of the past to get, 0 for none; without it all. */
  readonly last?: number | undefined;
  /** Only speaks: is not in the room, and hears nothing but its own lines. */
  readonly speaker?: boolean | undefined;
}

const TOO_LONG: SayRefusal = {
  code: 'too_long',
  message: `A message has at most ${MAX_TEXT_BYTES} bytes, and fewer where they are control characters.`,
};
const UNCERTAIN: SayRefusal = {
  code: 'uncertain',
  message: 'The server no longer knows this client: whether the room has the message cannot be found out.',
};

export class RoomSession {
  private readonly membership: Membership;
  private readonly nickChoice: NickChoice;
  private readonly outbox = new Outbox();
  private readonly reconnector: Reconnector;
  /** For the connection at hand. One that was asked for is not kept for the next. */
  private password: string | undefined;
  private flushScheduled = false;
  /** Of others, since the welcome. */
  private newLines = 0;
  private readonly waitingForRoom: (() => void)[] = [];

  constructor(
    private readonly options: RoomSessionOptions,
    private readonly observer: SessionObserver,
  ) {
    this.membership = new Membership(options.last, options.speaker ?? false);
    if (options.protectedOnly) this.membership.demandProtection();
    this.nickChoice = new NickChoice(options.nick);
    this.reconnector = new Reconnector(options, {
      connecting: () => observer.connecting(),
      opened: (connection, password) => {
        if (password !== undefined) this.membership.demandProtection();
        this.password = password ?? options.password;
        this.join(connection);
      },
      received: (line, raw) => this.received(line, raw),
      lost: (reason, retryInMs) => observer.lost(reason, retryInMs),
      ended: (end) => this.ended(end),
    } satisfies ReconnectorOwner);
  }

  /** Begins; called once. */
  start(): void {
    this.reconnector.start();
  }

  /** Messages that were said and have neither a receipt nor a refusal. */
  get pending(): number {
    return this.outbox.size;
  }

  /** These messages by their refs, oldest first, also when the session is over. `sent`: the room may have it. */
  get left(): readonly { readonly ref: string; readonly sent: boolean }[] {
    return this.outbox.left;
  }

  /** Queues a message and returns its ref; it is sent as soon as the room can take it. Await `ready` before the next. */
  say(text: string): string {
    const ref = this.outbox.add(text);
    this.scheduleFlush();
    return ref;
  }

  /** Resolves once there is room for more messages, or the session is over. */
  async ready(): Promise<void> {
    if (this.outbox.isFull && !this.reconnector.isOver) {
      await new Promise<void>((resolve) => this.waitingForRoom.push(resolve));
    }
  }

  /** Asks for another nick; the answer is a `renamed` line or trouble. False: not connected. Throws NameError. */
  setNick(nick: string): boolean {
    return this.command({ type: 'nick', nick: parseNick(nick) });
  }

  /** Asks who is in the room; the answer is a `members` line. False: not connected. */
  who(): boolean {
    return this.command({ type: 'who' });
  }

  /**
   * Shows the last lines of the log once more: joins anew as the same client, which others do not notice. Where more has
   * come meanwhile than was asked for, only that is shown. False: not connected.
   */
  replay(lines: number): boolean {
    const { connection } = this.reconnector;
    if (!connection?.isJoined) return false;
    this.membership.replayAgain(lines);
    connection.rejoin();
    return true;
  }

  /** Stops reading, also on later connections: nothing is lost. What is left of the frame at hand still comes. */
  pause(): void {
    this.reconnector.pause();
  }

  resume(): void {
    this.reconnector.resume();
  }

  /** Sends what may be sent now and goes, with close code 1000. `ended` follows, at the latest after five seconds. */
  leave(): void {
    this.flush();
    this.reconnector.leave();
  }

  private join(connection: RoomConnection): void {
    connection.send(this.membership.join(this.nickChoice.current, this.password));
  }

  private received(line: ServerLine, raw: string): void {
    switch (line.type) {
      case 'welcome':
        this.welcomed(line);
        break;
      case 'key':
        this.membership.rekeyed(line.key);
        break;
      case 'message':
      case 'notice':
        this.logged(line, raw);
        break;
      case 'live':
        this.outbox.settle();
        this.flush();
        this.observer.line(line, raw, false);
        this.observer.live(this.newLines);
        break;
      case 'error':
        this.observer.line(line, raw, false);
        this.answered(line);
        break;
      default:
        this.observer.line(line, raw, this.isOwnRenaming(line));
    }
  }

  private isOwnRenaming(line: ServerLine): boolean {
    if (line.type !== 'renamed' || line.id !== this.membership.id) return false;
    this.nickChoice.rename(line.nick);
    return true;
  }

  private welcomed(line: WelcomeLine): void {
    if (!this.membership.accepts(line)) {
      this.reconnector.connection?.end({ by: 'unprotected' });
      return;
    }
    const { key: _, ...welcome } = line;
    const { resumed, sameLog, gap } = this.membership.welcomed(line);
    this.nickChoice.settle(line.nick);
    if (gap) {
      this.reconnector.connection?.rejoin();
      return;
    }
    this.newLines = 0;
    this.observer.line(welcome, safeJson(welcome), false);
    this.observer.joined(welcome, resumed);
    // A speaker hears only what was said under its id: as somebody new it never learns what the room has of it.
    if (this.options.speaker && sameLog && !resumed) {
      for (const ref of this.outbox.abandonSent()) this.observer.refused(ref, UNCERTAIN);
    }
    this.outbox.joined();
    this.flush();
  }

  private logged(line: LogLine, raw: string): void {
    const place = this.membership.advance(line);
    if (place === 'old') return;
    const receipt = line.type === 'message' && line.ref !== undefined && this.outbox.strike(line.id, line.ref);
    const own = receipt || (line.type === 'message' && line.id === this.membership.id);
    if (!own && place === 'new') this.newLines += 1;
    this.observer.line(line, raw, own);
    if (line.type !== 'message' || line.ref === undefined || !receipt) return;
    this.observer.receipt(line.ref, line);
    this.scheduleFlush();
  }

  private answered(line: ErrorLine): void {
    const { code, message, ref } = line;
    if (ref !== undefined && this.outbox.remove(ref)) {
      this.observer.refused(ref, { code, message });
      this.scheduleFlush();
      return;
    }
    if (code !== 'unknown' && ERROR_CLOSE_CODES[code] !== undefined) return;
    const { connection } = this.reconnector;
    if (connection?.isJoining) {
      if (code === 'resume_invalid') this.membership.forgetIdentity();
      if (code === 'epoch_changed') this.membership.forgetLog();
      if (code === 'nick_taken') {
        this.joinUnderAnotherNick(connection, line);
        return;
      }
    }
    this.observer.trouble(code, message);
  }

  private joinUnderAnotherNick(connection: RoomConnection, line: ErrorLine): void {
    if (this.nickChoice.next()) this.join(connection);
    else connection.end({ by: 'error', line });
  }

  private ended(end: SessionEnd): void {
    this.releaseWaiting();
    this.observer.ended(end);
  }

  private command(command: Command): boolean {
    const { connection } = this.reconnector;
    if (!connection?.isJoined) return false;
    connection.send(command);
    return true;
  }

  /** Once a turn, so that what is said in one turn goes out in one frame. */
  private scheduleFlush(): void {
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    setImmediate(() => {
      this.flushScheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    // Whoever hears of one may leave before the next.
    while (!this.reconnector.isOver) {
      const ref = this.outbox.takeTooLong();
      if (ref === undefined) break;
      this.observer.refused(ref, TOO_LONG);
    }
    const { connection } = this.reconnector;
    const { id } = this.membership;
    while (connection?.isJoined && id !== undefined) {
      const frame = this.outbox.nextFrame(id);
      if (frame === undefined) break;
      connection.sendFrame(frame);
    }
    if (!this.outbox.isFull) this.releaseWaiting();
  }

  private releaseWaiting(): void {
    for (const resolve of this.waitingForRoom.splice(0)) resolve();
  }
}
