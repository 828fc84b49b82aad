// The messages of a session that the room is not yet known to have, in the order in which they were said: those that
// wait, and those that are sent and not yet seen back. Never sends itself, and never gives the same message to one
// connection twice.

import { encodeCommand, exceedsBytes, MAX_FRAME_BYTES, MAX_TEXT_BYTES } from '../protocol/index.ts';

/** Bytes sent and not yet seen back: enough to keep a fast server busy, and a bound for what a re-send repeats. */
const WINDOW_BYTES = 256 * 1024;
/** Bytes waiting from which on a caller is asked to wait, so that a long input does not pile up here. */
const ENOUGH_WAITING_BYTES = 256 * 1024;

interface Message {
  readonly ref: string;
  readonly line: string;
  readonly bytes: number;
}

export class Outbox {
  private waiting: Message[] = [];
  private waitingBytes = 0;
  /** By ref, in the order sent, with the id that it was sent under. */
  private readonly sent = new Map<string, { readonly message: Message; readonly under: string }>();
  private sentBytes = 0;
  private readonly tooLong: string[] = [];
  private lastRef = 0;
  /** Whether what is in `sent` went over a connection that was lost: the replay has to tell which of it was saved. */
  private unsettled = false;

  /** Messages without a receipt or a refusal. */
  get size(): number {
    return this.waiting.length + this.sent.size + this.tooLong.length;
  }

  /** The same messages, oldest first. `sent`: the room may have it. */
  get left(): { readonly ref: string; readonly sent: boolean }[] {
    const waiting = [...this.waiting.map(({ ref }) => ref), ...this.tooLong];
    return [
      ...[...this.sent.keys()].map((ref) => ({ ref, sent: true })),
      ...waiting.map((ref) => ({ ref, sent: false })),
    ];
  }

  get isFull(): boolean {
    return this.waitingBytes >= ENOUGH_WAITING_BYTES;
  }

  add(text: string): string {
    this.lastRef += 1;
    const ref = this.lastRef.toString(36);
    // A lone surrogate is no character: the server would take the line for a broken one and end the connection.
    const line = encodeCommand({ type: 'say', text: Buffer.from(text).toString(), ref });
    const bytes = Buffer.byteLength(line) + 1;
    // Escapes can make a text that is short enough longer than a frame, which would end the connection too.
    if (exceedsBytes(text, MAX_TEXT_BYTES) || bytes > MAX_FRAME_BYTES) {
      this.tooLong.push(ref);
    } else {
      this.waiting.push({ ref, line, bytes });
      this.waitingBytes += bytes;
    }
    return ref;
  }

  /** The ref of a message that no server would take, or undefined where there is none left to tell of. */
  takeTooLong(): string | undefined {
    return this.tooLong.shift();
  }

  /** A new connection has joined: nothing is sent over it before it is known what the last one brought through. */
  joined(): void {
    this.unsettled = this.sent.size > 0;
  }

  /** The replay is over: the room does not have what it did not show, so that is sent again, before anything new. */
  settle(): void {
    if (!this.unsettled) return;
    this.unsettled = false;
    const again = this.takeSent();
    this.waiting = again.concat(this.waiting);
    for (const message of again) this.waitingBytes += message.bytes;
  }

  /** Gives up what was sent and can no longer be found out about; the refs. */
  abandonSent(): readonly string[] {
    return this.takeSent().map((message) => message.ref);
  }

  private takeSent(): Message[] {
    const messages = [...this.sent.values()].map((entry) => entry.message);
    this.sent.clear();
    this.sentBytes = 0;
    return messages;
  }

  /** The next frame for the connection of client `id`, or undefined while there is nothing to send or too much under way. */
  nextFrame(id: string): string | undefined {
    if (this.unsettled) return undefined;
    let bytes = 0;
    const messages: Message[] = [];
    for (const message of this.waiting) {
      const underWay = this.sentBytes + bytes;
      if (bytes + message.bytes > MAX_FRAME_BYTES || (underWay > 0 && underWay + message.bytes > WINDOW_BYTES)) break;
      bytes += message.bytes;
      messages.push(message);
    }
    if (messages.length === 0) return undefined;
    this.waiting.splice(0, messages.length);
    this.waitingBytes -= bytes;
    this.sentBytes += bytes;
    for (const message of messages) this.sent.set(message.ref, { message, under: id });
    return messages.map((message) => message.line).join('\n');
  }

  /** The room has the message that was sent under this id with this ref. False: it is not one that is waited for. */
  strike(id: string, ref: string): boolean {
    return this.sent.get(ref)?.under === id && this.remove(ref);
  }

  /** The server has refused it. False: it is not one that is waited for. */
  remove(ref: string): boolean {
    const entry = this.sent.get(ref);
    if (entry === undefined) return false;
    this.sentBytes -= entry.message.bytes;
    return this.sent.delete(ref);
  }
}
