// Keeps a session connected: dials, dials the next server or again after a back-off when a connection is lost, asks a
// person for what the room wants to know, and knows when it is over. All transitions between these are here. Never looks
// into a line of the log.

import type { ServerLine } from '../protocol/index.ts';
import { BackOff } from './back-off.ts';
import { type Clock, systemClock, type Timer } from './clock.ts';
import { type ConnectionOwner, RoomConnection } from './connection.ts';
import { afterClosing, type Closing } from './endings.ts';
import type { SessionEnd, SessionObserver } from './observer.ts';
import { onlyServer, type RoundEnd, type Servers } from './rotation.ts';
import { type Dial, DialFailure, type Socket } from './socket.ts';

export interface ReconnectorOptions {
  /** Several servers are those of this session alone. */
  readonly dial: Dial | Servers;
  /** Called when the room asks for a password, or found one `wrong`; undefined gives up. It must not reject. */
  readonly askPassword?: ((message: string, wrong: boolean) => Promise<string | undefined>) | undefined;
  /**
   * Called where there is no nick to join with, or the one that there is cannot be had, which `problem` says; undefined
   * gives up. It must not reject.
   */
  readonly askNick?: ((problem: string | undefined) => Promise<string | undefined>) | undefined;
  /** Dials again also where it has not been in the room yet: for whoever knows that there is a server. */
  readonly isPatient?: boolean | undefined;
  readonly clock?: Clock | undefined;
  /** Numbers from 0 up to 1, for the jitter of the back-off. */
  readonly random?: (() => number) | undefined;
}

export interface ReconnectorOwner extends Pick<SessionObserver, 'connecting' | 'lost' | 'ended'> {
  /** A new connection is open and waits for its join; `password` is what the user gave for it, if asked. */
  opened(connection: RoomConnection, password: string | undefined): void;
  received(line: ServerLine, raw: string): void;
  /** The room has a password, and not the one that was sent if that was `wrong`: known from here on, whatever the user answers. */
  passwordAsked(wrong: boolean): void;
  /** The user has chosen this nick to join with. */
  nickChosen(nick: string): void;
}

type State =
  | { readonly name: 'new' | 'asking' | 'ended' }
  | { readonly name: 'dialling'; readonly abort: AbortController }
  | { readonly name: 'open' | 'leaving'; readonly connection: RoomConnection }
  | { readonly name: 'waiting'; readonly timer: Timer };

/** A connection that has stayed so long may be followed by the next server at once, and that one by all others. */
const STEADY_MS = 1_000;

const LEFT: SessionEnd = { kind: 'left', message: 'You have left the room.' };
const NO_NICK: SessionEnd = { kind: 'refused', message: 'The room requires a nick.' };

export class Reconnector implements ConnectionOwner {
  readonly #options: ReconnectorOptions;
  readonly #owner: ReconnectorOwner;
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  readonly #servers: Servers;
  #state: State = { name: 'new' };
  /** What the user gave for the connection at hand. */
  #password: string | undefined;
  /** Runs while a connection is live that has not been so for long. */
  #steady: Timer | undefined;
  #welcomedOnce = false;
  #paused = false;

  constructor(options: ReconnectorOptions, owner: ReconnectorOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#clock = options.clock ?? systemClock;
    this.#backOff = new BackOff(options.random ?? Math.random);
    this.#servers = typeof options.dial === 'function' ? onlyServer(options.dial) : options.dial;
  }

  /** The connection, while there is one to send on. */
  get connection(): RoomConnection | undefined {
    return this.#state.name === 'open' ? this.#state.connection : undefined;
  }

  get isOver(): boolean {
    return this.#state.name === 'ended';
  }

  /** Begins, or begins again after an end; `needsNick`: by asking for one. */
  start(needsNick: boolean): void {
    if (this.#state.name !== 'new' && !this.isOver) return;
    this.#backOff.reset();
    this.#servers.startRound();
    if (needsNick && this.#options.askNick !== undefined) this.#askNick(undefined, NO_NICK);
    else this.#connect(undefined);
  }

  /** Does not wait any longer, where it waits to dial again. */
  dialNow(): void {
    if (this.#state.name !== 'waiting') return;
    this.#state.timer.cancel();
    this.#connect(undefined);
  }

  pause(): void {
    this.#paused = true;
    this.connection?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.connection?.resume();
  }

  leave(): void {
    const state = this.#state;
    if (state.name === 'open') {
      this.#state = { name: 'leaving', connection: state.connection };
      state.connection.end({ by: 'close', code: 1000, reason: '' });
    } else if (state.name !== 'leaving') {
      if (state.name === 'dialling') state.abort.abort();
      if (state.name === 'waiting') state.timer.cancel();
      this.#end(LEFT);
    }
  }

  received(line: ServerLine, raw: string): void {
    if (line.type === 'welcome') {
      this.#welcomedOnce = true;
      this.#password = undefined;
    }
    // Not at the welcome: a server that falls over during every replay is given time.
    if (line.type === 'live') {
      this.#backOff.reset();
      // Servers that all let a client in, and drop it at once, are not dialled in a circle without a pause.
      this.#steady ??= this.#clock.after(STEADY_MS, () => this.#servers.startRound());
    }
    this.#owner.received(line, raw);
  }

  closed(closing: Closing): void {
    this.#steady?.cancel();
    this.#steady = undefined;
    if (this.#state.name === 'leaving') {
      this.#end(LEFT);
      return;
    }
    const consequence = afterClosing(closing);
    switch (consequence.next) {
      case 'end':
        this.#end(consequence.end);
        break;
      case 'ask password':
        this.#askPassword(consequence.message, consequence.wrong);
        break;
      case 'ask nick':
        this.#askNick(consequence.message, { kind: 'refused', message: consequence.message });
        break;
      case 'come back':
        this.#comeBack(consequence.reason, this.#servers.endTurn(undefined));
        break;
      case 'dial':
        this.#connect(undefined);
    }
  }

  #connect(password: string | undefined): void {
    const abort = new AbortController();
    this.#password = password;
    this.#state = { name: 'dialling', abort };
    const { name, dial } = this.#servers.current;
    this.#owner.connecting(name);
    dial(abort.signal).then(
      (socket) => {
        if (abort.signal.aborted) socket.terminate();
        else this.#open(socket);
      },
      (error: unknown) => {
        if (!abort.signal.aborted) this.#dialFailed(error);
      },
    );
  }

  #open(socket: Socket): void {
    const connection = new RoomConnection(socket, this, this.#clock);
    this.#state = { name: 'open', connection };
    if (this.#paused) connection.pause();
    this.#owner.opened(connection, this.#password);
  }

  #dialFailed(error: unknown): void {
    const { kind, message, isFinal } =
      error instanceof DialFailure
        ? error
        : new DialFailure('unreachable', `The server cannot be dialled: ${String(error)}.`);
    if (isFinal) {
      this.#end({ kind, message });
      return;
    }
    const round = this.#servers.endTurn({ kind, message });
    const isPatient = this.#welcomedOnce || this.#options.isPatient;
    // No server has seen yet what the user gave for this connection.
    if (round === undefined) this.#connect(this.#password);
    else if (isPatient || round.failure === undefined) this.#comeBack(message, round);
    else this.#end(round.failure);
  }

  #askPassword(message: string, wrong: boolean): void {
    this.#owner.passwordAsked(wrong);
    this.#ask(this.#options.askPassword?.(message, wrong), { kind: 'password', message }, (password) =>
      this.#connect(password),
    );
  }

  #askNick(problem: string | undefined, declined: SessionEnd): void {
    this.#ask(this.#options.askNick?.(problem), declined, (nick) => {
      this.#owner.nickChosen(nick);
      this.#connect(this.#password);
    });
  }

  #ask(
    answer: Promise<string | undefined> = Promise.resolve(undefined),
    declined: SessionEnd,
    then: (answer: string) => void,
  ): void {
    const asking: State = { name: 'asking' };
    this.#state = asking;
    const take = (given: string | undefined): void => {
      if (this.#state !== asking) return;
      if (given) then(given);
      else this.#end(declined);
    };
    answer.then(take, () => take(undefined));
  }

  /** At once, where the round is not over. */
  #comeBack(reason: string, round: RoundEnd | undefined): void {
    const wait = round === undefined ? 0 : this.#backOff.next();
    this.#state = { name: 'waiting', timer: this.#clock.after(wait, () => this.#connect(undefined)) };
    this.#owner.lost(reason, wait);
  }

  #end(end: SessionEnd): void {
    if (this.isOver) return;
    this.#state = { name: 'ended' };
    this.#owner.ended(end);
  }
}
