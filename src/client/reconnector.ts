// Keeps a session connected: dials, dials again after a back-off when a connection is lost, asks for a password when the
// room wants one, and knows when it is over. All transitions between these are here. Never looks into a line of the log.

import { MAX_CLIENT_FRAME_BYTES, type ServerLine, SUBPROTOCOL } from '../protocol/index.ts';
import { DEFAULT_LIMITS, type DialOptions, dial } from '../websocket/index.ts';
import { BackOff } from './back-off.ts';
import { type Clock, systemClock, type Timer } from './clock.ts';
import { type ConnectionOwner, type Dial, type Link, RoomConnection } from './connection.ts';
import { afterClosing, afterDial, type Closing, isBan } from './endings.ts';
import type { SessionEnd, SessionObserver } from './observer.ts';

export interface ReconnectorOptions {
  /** The room's URL, of roomUrl. */
  readonly url: string;
  /** Called when the room asks for a password, or found one `wrong`; undefined gives up. It must not reject. */
  readonly askPassword?: ((message: string, wrong: boolean) => Promise<string | undefined>) | undefined;
  readonly tls?: DialOptions['tls'];
  readonly dial?: Dial | undefined;
  readonly clock?: Clock | undefined;
  /** Numbers from 0 up to 1, for the jitter of the back-off. */
  readonly random?: (() => number) | undefined;
}

export interface ReconnectorOwner extends Pick<SessionObserver, 'connecting' | 'lost' | 'ended'> {
  /** A new connection is open and waits for its join; `password` is what the user gave for it, if asked. */
  opened(connection: RoomConnection, password: string | undefined): void;
  received(line: ServerLine, raw: string): void;
}

type State =
  | { readonly name: 'new' | 'asking' | 'ended' }
  | { readonly name: 'dialling'; readonly abort: AbortController }
  | { readonly name: 'open' | 'leaving'; readonly connection: RoomConnection }
  | { readonly name: 'waiting'; readonly timer: Timer };

const LEFT: SessionEnd = { kind: 'left', message: 'You have left the room.' };

export class Reconnector implements ConnectionOwner {
  private state: State = { name: 'new' };
  private readonly clock: Clock;
  private readonly backOff: BackOff;
  private welcomedOnce = false;
  private paused = false;

  constructor(
    private readonly options: ReconnectorOptions,
    private readonly owner: ReconnectorOwner,
  ) {
    this.clock = options.clock ?? systemClock;
    this.backOff = new BackOff(options.random ?? Math.random);
  }

  /** The connection, while there is one to send on. */
  get connection(): RoomConnection | undefined {
    return this.state.name === 'open' ? this.state.connection : undefined;
  }

  get isOver(): boolean {
    return this.state.name === 'ended';
  }

  start(): void {
    if (this.state.name === 'new') this.connect(undefined);
  }

  pause(): void {
    this.paused = true;
    this.connection?.pause();
  }

  resume(): void {
    this.paused = false;
    this.connection?.resume();
  }

  leave(): void {
    const { state } = this;
    if (state.name === 'open') {
      this.state = { name: 'leaving', connection: state.connection };
      state.connection.end({ by: 'close', code: 1000, reason: '' });
    } else if (state.name !== 'leaving') {
      if (state.name === 'dialling') state.abort.abort();
      if (state.name === 'waiting') state.timer.cancel();
      this.end(LEFT);
    }
  }

  received(line: ServerLine, raw: string): void {
    if (line.type === 'welcome') this.welcomedOnce = true;
    // Not at the welcome: a server that falls over during every replay is given time.
    if (line.type === 'live') this.backOff.reset();
    this.owner.received(line, raw);
  }

  closed(closing: Closing): void {
    if (this.state.name === 'leaving') {
      this.end(LEFT);
      return;
    }
    const consequence = afterClosing(closing);
    switch (consequence.next) {
      case 'end':
        this.end(consequence.end);
        break;
      case 'ask password':
        this.askPassword(consequence.message, consequence.wrong);
        break;
      case 'come back':
        this.comeBack(consequence.reason);
        break;
      case 'dial':
        this.connect(undefined);
    }
  }

  private connect(password: string | undefined): void {
    const abort = new AbortController();
    this.state = { name: 'dialling', abort };
    this.owner.connecting();
    const options: DialOptions = {
      protocols: [SUBPROTOCOL],
      limits: { ...DEFAULT_LIMITS, maxMessage: MAX_CLIENT_FRAME_BYTES },
      compression: {},
      tls: this.options.tls,
      signal: abort.signal,
    };
    const dialling: Promise<Link> = (this.options.dial ?? dial)(this.options.url, options);
    dialling.then(
      (link) => {
        if (abort.signal.aborted) link.terminate();
        else this.open(link, password);
      },
      (error: unknown) => {
        if (!abort.signal.aborted) this.dialFailed(error);
      },
    );
  }

  private open(link: Link, password: string | undefined): void {
    const connection = new RoomConnection(link, this, this.clock);
    this.state = { name: 'open', connection };
    if (this.paused) connection.pause();
    this.owner.opened(connection, password);
  }

  private dialFailed(error: unknown): void {
    const end = afterDial(error);
    if (this.welcomedOnce && !isBan(error)) this.comeBack(end.message);
    else this.end(end);
  }

  private askPassword(message: string, wrong: boolean): void {
    this.state = { name: 'asking' };
    const answer = this.options.askPassword?.(message, wrong) ?? Promise.resolve(undefined);
    answer.then((password) => {
      if (this.state.name !== 'asking') return;
      if (password) this.connect(password);
      else this.end({ kind: 'password', message });
    });
  }

  private comeBack(reason: string): void {
    const wait = this.backOff.next();
    this.state = { name: 'waiting', timer: this.clock.after(wait, () => this.connect(undefined)) };
    this.owner.lost(reason, wait);
  }

  private end(end: SessionEnd): void {
    if (this.isOver) return;
    this.state = { name: 'ended' };
    this.owner.ended(end);
  }
}
