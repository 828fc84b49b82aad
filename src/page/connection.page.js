// One connection to the room, from its opening to its end: frames become lines, and silence becomes an end. It ends
// once, and says nothing afterwards. Never decides whether to come back.

import { afterClose, afterError, endsConnection } from './endings.page.js';
import { banOfThisAddress } from './refusal.page.js';

/** A page does not see the server's pings, so it asks for pongs. Checks are counted, not milliseconds: a page that was
 * suspended still reads what has come. */
const CHECK_EVERY_MS = 4000;
const PING_EVERY_CHECKS = 5;
const SILENT_CHECKS = 10;

export class Connection {
  #socket;
  #owner;
  #joined = false;
  #checks = 0;
  #silentChecks = 0;
  #timer;

  /** The owner is told `opened()`, `received(line)` and, last, `closed(consequence)`. */
  constructor(url, owner) {
    this.#owner = owner;
    this.#socket = new WebSocket(url, 'roomchat.v1');
    this.#socket.onopen = () => {
      this.#socket.onclose = ({ code }) => this.#end(afterClose(code));
      owner.opened();
    };
    this.#socket.onmessage = ({ data }) => this.#read(data);
    this.#socket.onclose = ({ code }) => this.#neverOpened(code);
    this.#timer = setInterval(() => this.#check(), CHECK_EVERY_MS);
  }

  send(command) {
    this.sendLine(JSON.stringify(command));
  }

  sendLine(line) {
    this.#socket.send(line);
  }

  /** Ends it without a word to the owner. */
  drop() {
    clearInterval(this.#timer);
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #end(consequence) {
    this.drop();
    this.#owner.closed(consequence);
  }

  async #neverOpened(code) {
    const ban = await banOfThisAddress();
    // It may have been dropped meanwhile.
    if (this.#socket.onclose !== null) this.#end(ban ?? afterClose(code));
  }

  #read(frame) {
    this.#silentChecks = 0;
    for (const text of String(frame).split('\n')) {
      if (text.trim() === '') continue;
      const line = parseLine(text);
      if (line === undefined) return this.#end(BROKEN);
      if (line.type === 'welcome') this.#joined = true;
      this.#owner.received(line);
      // The close code would follow; a server that forgets it holds nobody up.
      if (line.type === 'error' && endsConnection(line.code)) return this.#end(afterError(line));
      // The owner may have ended it meanwhile.
      if (this.#socket.onmessage === null) return undefined;
    }
    return undefined;
  }

  #check() {
    this.#checks += 1;
    this.#silentChecks += 1;
    if (this.#silentChecks > SILENT_CHECKS) this.#end(SILENT);
    else if (this.#joined && this.#checks % PING_EVERY_CHECKS === 0) this.send({ type: 'ping' });
  }
}

const SILENT = { next: 'come back', reason: 'Nothing has come from the server for too long.' };
const BROKEN = { next: 'end', message: 'The server does not keep to the protocol.' };

function parseLine(text) {
  try {
    const line = JSON.parse(text);
    return typeof line?.type === 'string' ? line : undefined;
  } catch {
    return undefined;
  }
}
