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
import { CloseCode, type DialOptions, type WebSocket, type WebSocketHandler } from '../websocket/index.ts';
import type { Clock, Timer } from './clock.ts';
import type { Closing } from './endings.ts';

/** What a connection needs of a WebSocket. */
export type Link = Pick<WebSocket, 'handler' | 'bytesReceived' | 'send' | 'close' | 'terminate' | 'pause' | 'resume'>;

export type Dial = (url: string, options: DialOptions) => Promise<Link>;

export interface ConnectionOwner {
  received(line: ServerLine, raw: string): void;
  /** Once, and last. */
  closed(closing: Closing): void;
}

/** A server pings every 25 s. Checks are counted, not milliseconds: who was suspended still reads what has come. */
const CHECK_EVERY_MS = 4000;
const SILENT_CHECKS = 10;

export class RoomConnection implements WebSocketHandler {
  private phase: 'joining' | 'replaying' | 'live' | 'closing' = 'joining';
  private closing: Closing | undefined;
  private paused = false;
  private check: Timer;
  private silentChecks = 0;
  private bytesAtCheck = 0;

  constructor(
    private readonly link: Link,
    private readonly owner: ConnectionOwner,
    private readonly clock: Clock,
  ) {
    this.check = this.scheduleCheck();
    link.handler = this;
  }

  get isJoining(): boolean {
    return this.phase === 'joining';
  }

  /** Whether the server has let this client in. */
  get isJoined(): boolean {
    return this.phase === 'replaying' || this.phase === 'live';
  }

  send(command: Command): void {
    this.link.send(encodeCommand(command));
  }

  /** One or more encoded commands, with newlines between them. */
  sendFrame(lines: string): void {
    this.link.send(lines);
  }

  pause(): void {
    this.paused = true;
    this.link.pause();
  }

  resume(): void {
    this.paused = false;
    this.silentChecks = 0;
    this.link.resume();
  }

  /** Ends it to join anew at once. Who goes with 1001 is waited for; who goes with 1000 has left the room. */
  rejoin(): void {
    this.end({ by: 'rejoin' }, CloseCode.goingAway);
  }

  /** Ends it for a reason of the client's own. What still comes is dropped. */
  end(closing: Closing, code: number = CloseCode.normal): void {
    if (this.phase === 'closing') return;
    this.phase = 'closing';
    this.closing = closing;
    this.link.close(code);
  }

  message(data: Buffer, binary: boolean): void {
    if (binary) this.violated('a frame is not text.');
    for (const raw of linesOf(data.toString())) {
      if (this.phase === 'closing') return;
      this.read(raw);
    }
  }

  drained(): void {}

  closed(code: number, reason: string): void {
    this.phase = 'closing';
    this.check.cancel();
    this.owner.closed(this.closing ?? { by: 'close', code, reason });
  }

  private read(raw: string): void {
    let line: ServerLine | undefined;
    try {
      line = decodeLine(raw);
    } catch (error) {
      if (!(error instanceof BadField)) throw error;
      this.violated(error.message);
    }
    if (line === undefined) return;
    if (line.type === 'error') {
      this.owner.received(line, raw);
      // The close code would follow; a server that forgets it holds nobody up.
      if (line.code !== 'unknown' && ERROR_CLOSE_CODES[line.code] !== undefined) this.end({ by: 'error', line });
      return;
    }
    if ((line.type === 'welcome') !== (this.phase === 'joining')) {
      this.violated('the welcome is not in its place.');
    } else if (line.type === 'live' && this.phase === 'live') {
      this.violated('a replay ended twice.');
    } else {
      if (line.type === 'welcome') this.phase = 'replaying';
      if (line.type === 'live') this.phase = 'live';
      this.owner.received(line, raw);
    }
  }

  private violated(message: string): void {
    this.end({ by: 'violation', message }, CloseCode.protocolError);
  }

  private scheduleCheck(): Timer {
    return this.clock.after(CHECK_EVERY_MS, () => {
      // Who does not read cannot tell silence; and a server that only pings does not let anybody in either.
      const alive = this.paused || (this.link.bytesReceived !== this.bytesAtCheck && this.phase !== 'joining');
      this.silentChecks = alive ? 0 : this.silentChecks + 1;
      this.bytesAtCheck = this.link.bytesReceived;
      this.check = this.scheduleCheck();
      if (this.silentChecks < SILENT_CHECKS) return;
      this.closing ??= { by: 'silence' };
      this.link.terminate();
    });
  }
}
