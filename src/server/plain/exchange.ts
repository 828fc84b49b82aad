// A request and its answer, as the connection of a session: what the session says is handed to a side, which answers. Must
// never keep what the peer does not take: so many bytes wait, and the session knows it.

import type { ServerResponse } from 'node:http';
import { decodeLine, linesOf, type ServerLine } from '../../protocol/index.ts';
import { CloseCode, type PreparedMessage, type Refusal, type WebSocketHandler } from '../../websocket/index.ts';
import { answer } from '../http/answers.ts';
import type { SessionSocket } from '../session/socket.ts';

/** What makes an answer of it. */
export interface Side {
  /** A line for this client alone; `raw` is without its newline. */
  line(line: ServerLine, raw: string): void;
  /** Whole lines of the log. */
  bytes(lines: Buffer): void;
  /** The session is over, by this close code. */
  ended(code: number): void;
  /** The peer has taken all, and is to hear that the server is there. */
  beat(): void;
}

export class Exchange implements SessionSocket {
  /** Set by the session. */
  handler!: WebSocketHandler;
  bufferedBytes = 0;
  /** Not of the peer, who has said all: it grows with each sign that its connection is alive. */
  bytesReceived = 0;
  readonly compresses = false;
  readonly sharedWindowBits = undefined;
  #isAnswered = false;
  #closed: { readonly code: number; readonly reason: string } | undefined;
  readonly #response: ServerResponse;
  readonly #side: Side;

  constructor(response: ServerResponse, side: Side) {
    this.#response = response;
    this.#side = side;
    // From here on the heartbeat of sessions watches it.
    response.socket?.setTimeout(0);
    response.on('error', () => {});
    response.once('close', () => {
      this.#isAnswered = true;
      const { code, reason } = this.#closed ?? {
        code: response.writableFinished ? CloseCode.normal : 1006,
        reason: '',
      };
      this.handler.closed(code, reason);
    });
  }

  /** The whole answer has been handed over, or its connection is gone. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  // What the session does.

  send(lines: string): void {
    for (const raw of linesOf(lines)) {
      const line = decodeLine(raw);
      if (line !== undefined) this.#side.line(line, raw);
    }
  }

  sendPrepared(message: PreparedMessage): void {
    this.#side.bytes(message.payload);
  }

  corked(send: () => void): void {
    this.#response.cork();
    send();
    this.#response.uncork();
  }

  sendFrame(): void {
    throw new Error('There are no frames without a WebSocket.');
  }

  ping(): void {
    // Who has left something untaken since the last look shows no life.
    if (this.bufferedBytes > 0) return;
    this.bytesReceived++;
    if (!this.#isAnswered) this.#side.beat();
  }

  close(code: number, reason = ''): void {
    this.#closed = { code, reason };
    if (!this.#isAnswered) this.#side.ended(code);
  }

  terminate(): void {
    this.#response.destroy();
  }

  /** All that the peer has to say is here. */
  pause(): void {}

  resume(): void {}

  // What the side does.

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
  }

  write(bytes: Buffer): void {
    if (this.#isAnswered) return;
    this.bufferedBytes += bytes.length;
    this.#response.write(bytes, () => {
      this.bufferedBytes -= bytes.length;
      this.bytesReceived++;
      if (this.bufferedBytes === 0 && !this.#response.closed) this.handler.drained();
    });
  }

  finish(): void {
    this.#isAnswered = true;
    this.#response.end();
  }

  /** Ends an answer that is not whole, so that the peer knows. */
  cutOff(): void {
    this.#isAnswered = true;
    this.#response.destroy();
  }

  answer(status: number, body: string, headers: Readonly<Record<string, string>>): void {
    this.#isAnswered = true;
    answer(this.#response, status, body, headers);
  }

  refuse({ status, message, headers }: Refusal): void {
    if (!this.#isAnswered) this.answer(status, `${message}\n`, headers);
  }
}
