// One admin's connection to the control path: takes its commands one after the other and answers each.

import { type ControlCommand, decodeControlCommand, FrameLines, safeJson } from '../../protocol/index.ts';
import { CloseCode, type WebSocket, type WebSocketHandler } from '../../websocket/index.ts';
import { encodeEvent } from '../reporting/events.ts';
import { sendLines } from '../room/line-frames.ts';
import { runControlCommand } from './admin-commands.ts';
import type { AdminConnection, AdminContext } from './admin-context.ts';
import { AdminImport } from './admin-import.ts';
import { asControlError } from './control-errors.ts';
import { controlEvent } from './control-record.ts';

export class AdminSession implements WebSocketHandler, AdminConnection {
  importing: AdminImport | undefined;
  #droppedEvents = 0;
  #backlog: FrameLines | undefined;
  #wakeUp: (() => void) | undefined;
  #ended = false;
  readonly socket: WebSocket;
  readonly #address: string;
  readonly #server: AdminContext;
  readonly #onClosed: () => void;

  constructor(socket: WebSocket, address: string, server: AdminContext, onClosed: () => void) {
    this.socket = socket;
    this.#address = address;
    this.#server = server;
    this.#onClosed = onClosed;
    socket.handler = this;
  }

  message(data: Buffer, binary: boolean): void {
    if (binary) {
      this.socket.close(CloseCode.unsupportedData, 'text frames only');
      return;
    }
    this.#backlog = new FrameLines(data.toString());
    this.socket.pause();
    this.#handleBacklog().catch((error) => {
      this.#server.unexpected(error);
      this.socket.close(CloseCode.internalError, 'internal error');
    });
  }

  drained(): void {
    this.#wakeUp?.();
    this.#wakeUp = undefined;
  }

  closed(): void {
    this.#ended = true;
    this.#server.watchers.remove(this);
    this.importing?.abort().catch((error) => this.#server.unexpected(error));
    this.#onClosed();
    this.drained();
  }

  send(line: string): void {
    sendLines(this.socket, line);
  }

  sendBytes(bytes: Buffer): void {
    this.socket.send(bytes, false);
  }

  answer(ref: number, fields: Readonly<Record<string, unknown>> = {}): void {
    this.send(`${safeJson({ type: 'done', ref, ...fields })}\n`);
  }

  async hasDrained(): Promise<void> {
    await this.#drainedOrGone();
    if (this.#ended) throw new AdminGone();
  }

  /** An event for a watcher; one that does not read misses events, and is told how many. */
  tell(event: string): void {
    if (this.socket.bufferedBytes > this.#server.limits.output) {
      this.#droppedEvents++;
      return;
    }
    if (this.#droppedEvents > 0) {
      const message = `${this.#droppedEvents} events were dropped: this watcher did not read them.`;
      this.#droppedEvents = 0;
      this.send(encodeEvent({ event: 'warning', at: this.#server.clock.now(), message }));
    }
    this.send(event);
  }

  end(): void {
    this.socket.close(CloseCode.goingAway, 'restarting');
  }

  async #handleBacklog(): Promise<void> {
    for (let line = this.#backlog?.next(); line !== undefined; line = this.#backlog?.next()) {
      await this.#handle(line);
      if (this.#ended) return;
    }
    this.#backlog = undefined;
    this.socket.resume();
  }

  async #handle(line: string): Promise<void> {
    let command: ControlCommand | undefined;
    let error: string | undefined;
    try {
      if (this.importing !== undefined && !AdminImport.isOver(line)) {
        await this.importing.take(line);
        return;
      }
      command = decodeControlCommand(line);
      await runControlCommand(this.#server, this, command);
    } catch (reason) {
      error = this.#refuse(command?.ref ?? 0, reason);
    }
    this.#server.emit(controlEvent(this.#server.clock.now(), this.#address, command, error));
    await this.#drainedOrGone();
  }

  async #drainedOrGone(): Promise<void> {
    if (!this.#ended && this.socket.bufferedBytes > 0) await new Promise<void>((resolve) => (this.#wakeUp = resolve));
  }

  /** Answers with why a command was not done; its code. */
  #refuse(ref: number, error: unknown): string {
    if (error instanceof AdminGone) return 'gone';
    const known = asControlError(ref, error);
    if (known === undefined) this.#server.unexpected(error);
    const { code, message } = known ?? { code: 'failed', message: 'internal error' };
    this.send(`${safeJson({ type: 'error', ref: known?.ref ?? ref, code, message })}\n`);
    return code;
  }
}

/** The admin has left in the middle of an answer. */
class AdminGone extends Error {
  override readonly name = 'AdminGone';
}
