// The messages of a session that the room is not yet known to have, in the order in which they were said: those that
// wait, and those that are sent and not yet seen back. Never sends itself, and never gives the same message to one
// connection twice.

import { encodeCommand, exceedsBytes, MAX_FRAME_BYTES, MAX_TEXT_BYTES, utf8Bytes } from '../protocol/index.ts';
import type { SavedMessage } from './saved-session.ts';

/** Bytes sent and not yet seen back: enough to keep a fast server busy, and a bound for what a re-send repeats. */
const WINDOW_BYTES = 256 * 1024;
/** Bytes waiting from which on a caller is asked to wait, so that a long input does not pile up here. */
const ENOUGH_WAITING_BYTES = 256 * 1024;

export interface Message {
  readonly ref: string;
  readonly text: string;
}

interface Queued extends Message {
  readonly line: string;
  readonly bytes: number;
}

export class Outbox {
  /** Goes before the number of a ref: nobody else under the same id uses the same one. */
  readonly #prefix: string;
  #waiting: Queued[] = [];
  #waitingBytes = 0;
  /** By ref, in the order sent, with the id that it was sent under. */
  readonly #sent = new Map<string, { readonly message: Queued; readonly under: string }>();
  #sentBytes = 0;
  readonly #tooLong: Message[] = [];
  #lastRef = 0;
  /** Whether what is in `sent` went over a connection that was lost: the replay has to tell which of it was saved. */
  #unsettled = false;

  constructor(prefix: string, saved: readonly SavedMessage[]) {
    this.#prefix = prefix;
    for (const { under, ...message } of saved) {
      if (under === undefined) this.#wait(queued(message));
      else this.#send(queued(message), under);
    }
  }

  /** Messages without a receipt or a refusal. */
  get size(): number {
    return this.#waiting.length + this.#sent.size + this.#tooLong.length;
  }

  /** The same messages, oldest first. `sent`: the room may have it. */
  get left(): (Message & { readonly sent: boolean })[] {
    const of = (messages: readonly Message[], sent: boolean) => messages.map(({ ref, text }) => ({ ref, text, sent }));
    return [...of(this.#sentMessages, true), ...of([...this.#waiting, ...this.#tooLong], false)];
  }

  /** What to write down of them. */
  get saved(): SavedMessage[] {
    const sent = [...this.#sent.values()].map(({ message: { ref, text }, under }) => ({ ref, text, under }));
    return [...sent, ...this.#waiting.map(({ ref, text }) => ({ ref, text, under: undefined }))];
  }

  get isFull(): boolean {
    return this.#waitingBytes >= ENOUGH_WAITING_BYTES;
  }

  /** Whether the room may have one of them. */
  get hasSent(): boolean {
    return this.#sent.size > 0;
  }

  add(text: string): string {
    this.#lastRef += 1;
    const ref = this.#prefix + this.#lastRef.toString(36);
    // A lone surrogate is not a character: the server would take the line for a broken one and end the connection.
    const message = queued({ ref, text: text.toWellFormed() });
    // Escapes can make a text that is short enough longer than a frame, which would end the connection too.
    if (exceedsBytes(text, MAX_TEXT_BYTES) || message.bytes > MAX_FRAME_BYTES) this.#tooLong.push({ ref, text });
    else this.#wait(message);
    return ref;
  }

  /** A message that no server would take, or undefined where there is none left to tell of. */
  takeTooLong(): Message | undefined {
    return this.#tooLong.shift();
  }

  /** A new connection has joined: nothing is sent over it before it is known what the last one brought through. */
  joined(): void {
    this.#unsettled = this.hasSent;
  }

  /** The replay is over: the room does not have what it did not show, so that is sent again, before anything new. */
  settle(): void {
    if (!this.#unsettled) return;
    const again = this.takeSent();
    this.#waiting = again.concat(this.#waiting);
    for (const message of again) this.#waitingBytes += message.bytes;
  }

  /** Gives up what was sent and not seen back. */
  takeSent(): Queued[] {
    const messages = this.#sentMessages;
    this.#sent.clear();
    this.#sentBytes = 0;
    this.#unsettled = false;
    return messages;
  }

  /** Gives up all of them; in the order in which they were said. */
  takeAll(): Message[] {
    const all = [...this.takeSent(), ...this.#waiting];
    this.#waiting = [];
    this.#waitingBytes = 0;
    return all;
  }

  /** The next frame for the connection of client `id`, or undefined while there is nothing to send or too much under way. */
  nextFrame(id: string): string | undefined {
    if (this.#unsettled) return undefined;
    let bytes = 0;
    const messages: Queued[] = [];
    for (const message of this.#waiting) {
      const underWay = this.#sentBytes + bytes;
      if (bytes + message.bytes > MAX_FRAME_BYTES || (underWay > 0 && underWay + message.bytes > WINDOW_BYTES)) break;
      bytes += message.bytes;
      messages.push(message);
    }
    if (messages.length === 0) return undefined;
    this.#waiting.splice(0, messages.length);
    this.#waitingBytes -= bytes;
    for (const message of messages) this.#send(message, id);
    return messages.map((message) => message.line).join('\n');
  }

  /** The room has the message that was sent under this id with this ref. False: it is not one that is waited for. */
  strike(id: string, ref: string): boolean {
    return this.#sent.get(ref)?.under === id && this.remove(ref) !== undefined;
  }

  /** The server has refused it. Undefined: it is not one that is waited for. */
  remove(ref: string): Message | undefined {
    const entry = this.#sent.get(ref);
    if (entry === undefined) return undefined;
    this.#sentBytes -= entry.message.bytes;
    this.#sent.delete(ref);
    return entry.message;
  }

  get #sentMessages(): Queued[] {
    return [...this.#sent.values()].map(({ message }) => message);
  }

  #wait(message: Queued): void {
    this.#waiting.push(message);
    this.#waitingBytes += message.bytes;
  }

  #send(message: Queued, under: string): void {
    this.#sent.set(message.ref, { message, under });
    this.#sentBytes += message.bytes;
  }
}

function queued({ ref, text }: Message): Queued {
  const line = encodeCommand({ type: 'say', text, ref });
  return { ref, text, line, bytes: utf8Bytes(line) + 1 };
}
