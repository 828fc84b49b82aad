// One connection to a room, from its opening to its end: frames become lines, in an order that the protocol allows.
// Whatever a server sends, it ends as a Closing. Never decides whether to come back, and keeps nothing beyond its end.

import {
  BadField,
  type Command,
  decodeLine,
  ERROR_CLOSE_CODES,
  encodeCommand,
  linesOf,
  type ServerLine,
} from '../protocol/index.ts';
import type { Clock, Timer } from './clock.ts';
import type { Closing } from './endings.ts';
import type { Socket, SocketHandler } from './socket.ts';

export interface ConnectionOwner {
  received(line: ServerLine, raw: string): void;
  /** Once, and last. */
  closed(closing: Closing): void;
}

/** A server pings every 25 s. Checks are counted, not milliseconds: who was suspended still reads what has come. */
const CHECK_EVERY_MS = 4000;
const SILENT_CHECKS = 10;
/** Where the server's pings do not show. */
const ASK_EVERY_CHECKS = 5;

/** RFC 6455 §7.4.1. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const PROTOCOL_ERROR = 1002;

export class RoomConnection implements SocketHandler {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #clock: Clock;
  #phase: 'joining' | 'replaying' | 'live' | 'closing' = 'joining';
  #closing: Closing | undefined;
  #paused = false;
  #check: Timer;
  #checks = 0;
  #silentChecks = 0;
  #bytesAtCheck = 0;

  constructor(socket: Socket, owner: ConnectionOwner, clock: Clock) {
    this.#socket = socket;
    this.#owner = owner;
    this.#clock = clock;
    this.#check = this.#scheduleCheck();
    socket.handler = this;
  }

  get isJoining(): boolean {
    return this.#phase === 'joining';
  }

  /** Whether the server has let this client in. */
  get isJoined(): boolean {
    return this.#phase === 'replaying' || this.#phase === 'live';
  }

  send(command: Command): void {
    this.#socket.send(encodeCommand(command));
  }

  /** One or more encoded commands, with newlines between them. */
  sendFrame(lines: string): void {
    this.#socket.send(lines);
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#silentChecks = 0;
    this.#socket.resume();
  }

  /** Ends it to join anew at once. Who goes with 1001 is waited for; who goes with 1000 has left the room. */
  rejoin(): void {
    this.end({ by: 'rejoin' }, GOING_AWAY);
  }

  /** Ends it for a reason of the client's own. What still comes is dropped. */
  end(closing: Closing, code = NORMAL): void {
    if (this.#phase === 'closing') return;
    this.#phase = 'closing';
    this.#closing = closing;
    this.#socket.close(code);
  }

  message(data: { toString(): string }, binary: boolean): void {
    if (binary) this.#violated('a frame is not text.');
    for (const raw of linesOf(data.toString())) {
      if (this.#phase === 'closing') return;
      this.#read(raw);
    }
  }

  drained(): void {}

  closed(code: number, reason: string): void {
    this.#phase = 'closing';
    this.#check.cancel();
    this.#owner.closed(this.#closing ?? { by: 'close', code, reason });
  }

  #read(raw: string): void {
    let line: ServerLine | undefined;
    try {
      line = decodeLine(raw);
    } catch (error) {
      if (!(error instanceof BadField)) throw error;
      this.#violated(error.message);
    }
    if (line === undefined) return;
    if (line.type === 'error') {
      this.#owner.received(line, raw);
      // The close code would follow; a server that forgets it holds nobody up.
      if (line.code !== 'unknown' && ERROR_CLOSE_CODES[line.code] !== undefined) this.end({ by: 'error', line });
      return;
    }
    if ((line.type === 'welcome') !== this.isJoining) {
      this.#violated('the welcome is not in its place.');
    } else if (line.type === 'live' && this.#phase === 'live') {
      this.#violated('a replay ended twice.');
    } else {
      if (line.type === 'welcome') this.#phase = 'replaying';
      if (line.type === 'live') this.#phase = 'live';
      this.#owner.received(line, raw);
    }
  }

  #violated(message: string): void {
    this.end({ by: 'violation', message }, PROTOCOL_ERROR);
  }

  #scheduleCheck(): Timer {
    return this.#clock.after(CHECK_EVERY_MS, () => {
      const { bytesReceived, hidesPings = false } = this.#socket;
      // Who does not read cannot tell silence; and a server that only pings does not let anybody in either.
      const alive = this.#paused || (bytesReceived !== this.#bytesAtCheck && !this.isJoining);
      this.#checks += 1;
      this.#silentChecks = alive ? 0 : this.#silentChecks + 1;
      this.#bytesAtCheck = bytesReceived;
      this.#check = this.#scheduleCheck();
      if (this.#silentChecks < SILENT_CHECKS) {
        if (hidesPings && this.isJoined && this.#checks % ASK_EVERY_CHECKS === 0) this.send({ type: 'ping' });
        return;
      }
      this.#closing ??= { by: 'silence' };
      this.#socket.terminate();
    });
  }
}
