// The messages that the room is not yet known to have, in the order in which they were said: those that wait, and those
// that are sent and not yet seen back. Never sends itself, and never gives the same message to one connection twice.

const MOST_TEXT_BYTES = 16 * 1024;
/** Escapes can make a text longer as a line; a frame that is too long would end the connection. */
const MOST_FRAME_BYTES = 64 * 1024;

export class Outbox {
  /** `under` is the id that a message was sent under; undefined while it waits. */
  #messages;
  /** What was sent went over a connection that is gone: the replay has to tell which of it was saved. */
  #unsettled;
  /** Random, so that no ref of this page is one of an earlier page under the same id. */
  #refs = `${randomLetters()}-`;
  #lastRef = 0;

  /** `saved`: what `toJSON` gave to an earlier page of this tab. */
  constructor(saved) {
    this.#messages = saved.map((message) => ({ ...message }));
    this.#unsettled = this.hasSent;
  }

  get messages() {
    return this.#messages;
  }

  get hasSent() {
    return this.#messages.some(({ under }) => under !== undefined);
  }

  add(text) {
    this.#lastRef += 1;
    this.#messages.push({ ref: this.#refs + this.#lastRef, text: wellFormed(text), under: undefined });
  }

  /** A new connection has joined: nothing is sent over it before it is known what the last one brought through. */
  joined() {
    this.#unsettled = this.hasSent;
  }

  /** The replay is over: the room does not have what it did not show, so that is sent again, before anything new. */
  settle() {
    if (!this.#unsettled) return;
    this.#unsettled = false;
    for (const message of this.#messages) message.under = undefined;
  }

  /** The messages to send now as client `id`, as lines. */
  take(id) {
    if (this.#unsettled) return [];
    const waiting = this.#messages.filter(({ under }) => under === undefined);
    for (const message of waiting) message.under = id;
    return waiting.map(sayLine);
  }

  /** The room has the message that was sent under this id with this ref. False: it is not one that is waited for. */
  strike(id, ref) {
    const left = this.#messages.filter((message) => message.ref !== ref || message.under !== id);
    const struck = left.length < this.#messages.length;
    this.#messages = left;
    return struck;
  }

  /** The server has refused a message: gives it, or undefined for one that is not waited for. */
  remove(ref) {
    const refused = this.#messages.find((message) => message.ref === ref);
    this.#messages = this.#messages.filter((message) => message !== refused);
    return refused;
  }

  /** Gives up all of them; their texts, in the order in which they were said. */
  takeAll() {
    const texts = this.#messages.map(({ text }) => text);
    this.#messages = [];
    return texts;
  }

  toJSON() {
    return this.#messages;
  }
}

/** Whether no server would take this text. */
export function isTooLong(text) {
  return bytesOf(text) > MOST_TEXT_BYTES || bytesOf(sayLine({ text, ref: 'x'.repeat(64) })) > MOST_FRAME_BYTES;
}

function sayLine({ text, ref }) {
  return JSON.stringify({ type: 'say', text, ref });
}

/** Half of a surrogate pair is no character: the server would take the line for a broken one and end the connection. */
function wellFormed(text) {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

function bytesOf(text) {
  return new TextEncoder().encode(text).length;
}

function randomLetters() {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (number) => number.toString(36)).join('');
}
