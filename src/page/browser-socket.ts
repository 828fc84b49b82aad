// The browser's WebSocket as the client's socket: a browser neither shows pings nor says what an upgrade was answered with,
// and lets nobody break a connection off. Never tries again.

import { type Dial, DialFailure, type Socket, type SocketHandler } from '../client/index.ts';
import { SUBPROTOCOL } from '../protocol/index.ts';

const DIAL_TIMEOUT_MS = 10_000;
/** For the closing handshake, which a server that is gone does not finish. */
const CLOSE_TIMEOUT_MS = 5000;
/** What a page may close with; for any other code it gives none. */
const MAY_CLOSE_WITH = 1000;

export function browserDial(url: string): Dial {
  return (signal) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url, SUBPROTOCOL);
      const giveUp = (): void => socket.close();
      const timer = setTimeout(giveUp, DIAL_TIMEOUT_MS);
      signal.addEventListener('abort', giveUp);
      socket.onopen = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        resolve(new BrowserSocket(socket));
      };
      socket.onclose = () => {
        clearTimeout(timer);
        whyNotOpened().then(reject, reject);
      };
    });
}

/** A server that refuses this address says so to whoever asks for the page. One that is mute is not waited for. */
async function whyNotOpened(): Promise<DialFailure> {
  const unreachable = new DialFailure('unreachable', 'The server cannot be reached.');
  const signal = AbortSignal.timeout(DIAL_TIMEOUT_MS);
  try {
    // Without the body: whoever is let in would get the whole page each time.
    const answer = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store', signal });
    if (answer.headers.get('Roomchat-Error') !== 'banned') return unreachable;
    const sentence = await (await fetch(location.pathname, { cache: 'no-store', signal })).text();
    return new DialFailure('refused', sentence.trim(), true);
  } catch {
    return unreachable;
  }
}

class BrowserSocket implements Socket {
  readonly #socket: WebSocket;
  #closeTimer: number | undefined;
  handler: SocketHandler = { message() {}, drained() {}, closed() {} };
  /** Characters, and one for each frame: enough to tell silence. */
  bytesReceived = 0;
  readonly hidesPings = true;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onopen = null;
    socket.onmessage = ({ data }) => {
      const text = String(data);
      this.bytesReceived += text.length + 1;
      this.handler.message(text, typeof data !== 'string');
    };
    socket.onclose = ({ code, reason }) => this.#ended(code, reason);
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  close(code: number): void {
    this.#closeTimer = setTimeout(() => this.#ended(1006, ''), CLOSE_TIMEOUT_MS);
    if (code === MAY_CLOSE_WITH) this.#socket.close(code);
    else this.#socket.close();
  }

  terminate(): void {
    this.#socket.close();
    this.#ended(1006, '');
  }

  /** A browser reads whatever comes. */
  pause(): void {}

  resume(): void {}

  #ended(code: number, reason: string): void {
    clearTimeout(this.#closeTimer);
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.handler.closed(code, reason);
  }
}
