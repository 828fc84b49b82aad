// The client of a server's control path: sends commands one at a time and hands out their answers. Comes back by itself
// never: an admin should know that what was asked may not have been done.

import { type Fields, linesOf, MAX_CLIENT_FRAME_BYTES, parseObject } from '../protocol/index.ts';
import {
  DEFAULT_LIMITS,
  DialError,
  type DialOptions,
  dial,
  type WebSocket,
  type WebSocketHandler,
} from '../websocket/index.ts';
import { afterDial } from './endings.ts';
import type { SessionEnd } from './observer.ts';
import type { ServerAddress } from './server-address.ts';

/** `unreachable`, `untrusted` (its certificate), `denied` (the token), `refused` (the command), `lost` (the connection ended before the answer). */
export type ControlFailureKind = 'unreachable' | 'untrusted' | 'denied' | 'refused' | 'busy' | 'lost' | 'protocol';

export class ControlFailure extends Error {
  override readonly name = 'ControlFailure';
  readonly kind: ControlFailureKind;

  constructor(kind: ControlFailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

const LOST = 'The server ended the connection before it answered.';
/** What may wait for a slow server before more is sent. */
const MOST_WAITING_BYTES = 256 * 1024;

interface Asked {
  readonly ref: number;
  readonly onPart: (fields: Fields) => void;
  readonly resolve: (fields: Fields) => void;
  readonly reject: (error: ControlFailure) => void;
}

export class ControlClient implements WebSocketHandler {
  private lastRef = 0;
  private asked: Asked | undefined;
  private onDrained = (): void => {};
  private readonly closedListeners: (() => void)[] = [];

  private constructor(
    private readonly socket: WebSocket,
    /** Lines that answer nothing: a log's, or a watched event's. */
    private readonly onLine: (line: string) => void,
  ) {
    socket.handler = this;
  }

  /** Without a token it only finds out whether there is a server that asks for one. Rejects with ControlFailure. */
  static async connect(
    { secure, host, prefix }: ServerAddress,
    token: string | undefined,
    tls: DialOptions['tls'],
    onLine: (line: string) => void,
  ): Promise<ControlClient> {
    try {
      const socket = await dial(`${secure ? 'wss' : 'ws'}://${host}${prefix}/admin`, {
        ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
        limits: { ...DEFAULT_LIMITS, maxMessage: MAX_CLIENT_FRAME_BYTES },
        ...(tls && { tls }),
      });
      return new ControlClient(socket, onLine);
    } catch (error) {
      if (error instanceof DialError && error.response?.status === 401) {
        throw new ControlFailure('denied', 'The server refused the token.');
      }
      throw failureOf(afterDial(error));
    }
  }

  /** Sends one command and resolves with the fields of its `done`. Rejects with ControlFailure. */
  ask(command: Readonly<Record<string, unknown>>, onPart: (fields: Fields) => void = () => {}): Promise<Fields> {
    this.lastRef += 1;
    const ref = this.lastRef;
    return new Promise((resolve, reject) => {
      this.asked = { ref, onPart, resolve, reject };
      this.socket.send(JSON.stringify({ ...command, ref }));
    });
  }

  /** Sends lines that are no command, newlines included. Resolves when more may follow. Rejects with ControlFailure. */
  async sendLines(lines: string): Promise<void> {
    this.socket.send(lines);
    while (this.socket.state !== 'closed' && this.socket.bufferedBytes > MOST_WAITING_BYTES) {
      await new Promise<void>((resolve) => {
        this.onDrained = resolve;
      });
    }
    if (this.socket.state === 'closed') throw new ControlFailure('lost', LOST);
  }

  /** Resolves when the server has ended the connection. */
  async hasClosed(): Promise<void> {
    if (this.socket.state !== 'closed') await new Promise<void>((resolve) => this.closedListeners.push(resolve));
  }

  /** Stops reading: for lines that go to a slow pipe. What is left of the frame at hand still comes. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.close();
  }

  message(data: Buffer): void {
    for (const line of linesOf(data.toString())) this.heard(line);
  }

  drained(): void {
    this.onDrained();
  }

  closed(): void {
    this.onDrained();
    this.asked?.reject(new ControlFailure('lost', LOST));
    this.asked = undefined;
    for (const listener of this.closedListeners.splice(0)) listener();
  }

  private heard(line: string): void {
    const fields = readLine(line);
    const { asked } = this;
    if (asked === undefined || fields?.ref !== asked.ref) {
      this.onLine(line);
    } else if (fields.type === 'part') {
      asked.onPart(fields);
    } else {
      this.asked = undefined;
      if (fields.type === 'done') asked.resolve(fields);
      else asked.reject(refusalOf(fields));
    }
  }
}

/** A message of a log may hold a `ref` as well, but a string. */
function readLine(line: string): Fields | undefined {
  try {
    return parseObject(line);
  } catch {
    return undefined;
  }
}

function refusalOf({ code, message }: Fields): ControlFailure {
  const sentence = typeof message === 'string' ? message : 'The server refused the command.';
  return new ControlFailure(code === 'busy' || code === 'failed' ? 'busy' : 'refused', sentence);
}

function failureOf({ kind, message }: SessionEnd): ControlFailure {
  if (kind === 'unreachable' || kind === 'overloaded') return new ControlFailure('unreachable', message);
  return new ControlFailure(kind === 'refused' || kind === 'untrusted' ? kind : 'protocol', message);
}
