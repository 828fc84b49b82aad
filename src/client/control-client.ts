// The client of a server's control path: sends commands one at a time and hands out their answers. Comes back by itself
// never: an admin should know that what was asked may not have been done.

import { type Fields, linesOf, parseObject } from '../protocol/index.ts';
import type { SocketHandler } from './socket.ts';

/** What it needs of a WebSocket, beside what is written to it. */
export interface ControlSocket {
  handler: SocketHandler;
  readonly state: string;
  readonly bufferedBytes: number;
  send(text: string): void;
  close(): void;
  pause(): void;
  resume(): void;
}

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

export class ControlClient implements SocketHandler {
  readonly #socket: ControlSocket;
  readonly #onLine: (line: string) => void;
  #lastRef = 0;
  #asked: Asked | undefined;
  #onDrained = (): void => {};
  readonly #closedListeners: (() => void)[] = [];

  /** `onLine` gets the lines that answer nothing: a log's, or a watched event's. */
  constructor(socket: ControlSocket, onLine: (line: string) => void) {
    this.#socket = socket;
    this.#onLine = onLine;
    socket.handler = this;
  }

  /** Sends one command and resolves with the fields of its `done`. Rejects with ControlFailure. */
  ask(command: Readonly<Record<string, unknown>>, onPart: (fields: Fields) => void = () => {}): Promise<Fields> {
    this.#lastRef += 1;
    const ref = this.#lastRef;
    return new Promise((resolve, reject) => {
      this.#asked = { ref, onPart, resolve, reject };
      this.#socket.send(JSON.stringify({ ...command, ref }));
    });
  }

  /** Sends lines that are not a command, newlines included. Resolves when more may follow. Rejects with ControlFailure. */
  async sendLines(lines: string): Promise<void> {
    this.#socket.send(lines);
    while (this.#socket.state !== 'closed' && this.#socket.bufferedBytes > MOST_WAITING_BYTES) {
      await new Promise<void>((resolve) => {
        this.#onDrained = resolve;
      });
    }
    if (this.#socket.state === 'closed') throw new ControlFailure('lost', LOST);
  }

  /** Resolves when the server has ended the connection. */
  async hasClosed(): Promise<void> {
    if (this.#socket.state !== 'closed') await new Promise<void>((resolve) => this.#closedListeners.push(resolve));
  }

  /** Stops reading: for lines that go to a slow pipe. What is left of the frame at hand still comes. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.close();
  }

  message(data: { toString(): string }): void {
    for (const line of linesOf(data.toString())) this.#heard(line);
  }

  drained(): void {
    this.#onDrained();
  }

  closed(): void {
    this.#onDrained();
    this.#asked?.reject(new ControlFailure('lost', LOST));
    this.#asked = undefined;
    for (const listener of this.#closedListeners.splice(0)) listener();
  }

  #heard(line: string): void {
    const fields = readLine(line);
    const asked = this.#asked;
    if (asked === undefined || fields?.ref !== asked.ref) {
      this.#onLine(line);
    } else if (fields.type === 'part') {
      asked.onPart(fields);
    } else {
      this.#asked = undefined;
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
