// Drives a Connection over a stream: feeds it what comes, hands its messages to a handler, writes what it has to send.
// Knows a transport only by a narrow interface. Keeps no buffer, timer or closure while the connection is idle.
import { CloseCode } from './close-codes.ts';
import type { Connection } from './connection.ts';
import { ControlRate } from './control-rate.ts';
import { IGNORE, throwLater, type WebSocketHandler, type WebSocketOptions } from './handler.ts';
import type { PreparedMessage } from './prepared-message.ts';
import { isOver } from './state.ts';
import { ignoreError, type Transport } from './transport.ts';

/** Where a transport keeps its WebSocket, so that all of them can share their listeners. */
const attached = Symbol('websocket');

interface Attached extends Transport {
  [attached]?: WebSocket | undefined;
}

const EMPTY = Buffer.alloc(0);
const DEFAULT_CLOSE_TIMEOUT = 5000;
const DEFAULT_CONTROL_RATE = 20;
/** From this size on a chunk counts as full (TLS gives 16 KiB at a time, TCP up to 64): others have their turn first. */
const FULL_CHUNK = 16_384;
/** So much is inflated in one turn, in bytes; a chunk that is not compressed never has more. */
const INFLATED_A_TURN = 65_536;
/** So few bytes are sooner copied into one buffer than written as several, each of which a stream takes by itself. */
const COPIED_UP_TO = 4096;
/** With so much output waiting, pings are answered only by the latest pong. */
const CONGESTED_FROM = 65_536;

export class WebSocket {
  handler: WebSocketHandler;
  readonly protocol: string;
  readonly remoteAddress: string | undefined;
  /** All bytes that ever came, frames' headers and pongs included: whether it moves shows that the peer lives. */
  bytesReceived: number;
  readonly #connection: Connection;
  readonly #transport: Attached;
  readonly #closeTimeout: number;
  readonly #onError: (error: unknown) => void;
  readonly #controlPerSecond: number;
  /** Made with the first ping or pong. */
  #controlRate: ControlRate | undefined;
  /** Whether what is sent is collected, to go out together. */
  #corked: boolean;
  /** `scheduled`: input is held back until the event loop's next turn, or for as long as a flood deserves. */
  #flow: 'idle' | 'delivering' | 'scheduled';
  #paused: boolean;
  /** Whether a write is under way whose end is to be told by `drained`. */
  #backlogged: boolean;
  #closeTimer: NodeJS.Timeout | undefined;
  #closeCode: number;
  #closeReason: string;

  /** Takes over `transport`; `head` is what was read from it already. Events come from the next turn on. */
  constructor(connection: Connection, transport: Attached, head: Buffer, options: WebSocketOptions) {
    this.handler = options.handler ?? IGNORE;
    this.protocol = options.protocol ?? '';
    this.remoteAddress = transport.remoteAddress;
    this.bytesReceived = head.length;
    this.#connection = connection;
    this.#transport = transport;
    this.#closeTimeout = options.closeTimeout ?? DEFAULT_CLOSE_TIMEOUT;
    this.#onError = options.onError ?? throwLater;
    this.#controlPerSecond = options.controlRate ?? DEFAULT_CONTROL_RATE;
    this.#controlRate = undefined;
    this.#corked = false;
    this.#flow = 'scheduled';
    this.#paused = false;
    this.#backlogged = false;
    this.#closeTimer = undefined;
    this.#closeCode = CloseCode.abnormal;
    this.#closeReason = '';
    transport[attached] = this;
    connection.receive(head);
    transport.pause();
    transport.on('data', WebSocket.#onData);
    transport.on('end', WebSocket.#onEnd);
    transport.on('error', ignoreError);
    transport.on('close', WebSocket.#onClose);
    setImmediate(WebSocket.#proceed, this);
    // A transport that died before it was handed over tells nobody any more.
    if (transport.closed) setImmediate(WebSocket.#transportClosed, transport);
  }

  get state(): 'open' | 'closing' | 'closed' {
    const { state } = this.#connection;
    return state === 'open' || state === 'closing' ? state : 'closed';
  }

  /** Whether messages may go out compressed. */
  get compresses(): boolean {
    return this.#connection.compression !== undefined;
  }

  /** The window of frames that are compressed once for many; undefined where this connection takes none. */
  get sharedWindowBits(): number | undefined {
    const { role, compression } = this.#connection;
    return role === 'server' ? compression?.sharedWindowBits : undefined;
  }

  /** Bytes accepted and not yet given to the operating system. */
  get bufferedBytes(): number {
    return this.#transport.writableLength + this.#connection.outputBytes;
  }

  /** Sends a message: text for a string, else binary unless told otherwise. Does nothing once the connection closes. */
  send(data: string | Buffer, binary = typeof data !== 'string'): void {
    this.#connection.sendMessage(typeof data === 'string' ? Buffer.from(data) : data, binary);
    this.#flush();
  }

  /** Sends a message that was encoded once for many. */
  sendPrepared(message: PreparedMessage): void {
    const connection = this.#connection;
    if (connection.state !== 'open') return;
    const { compression } = connection;
    const windowBits = this.sharedWindowBits;
    if (connection.role === 'client' || (compression !== undefined && windowBits === undefined)) {
      this.send(message.payload, false);
      return;
    }
    this.sendFrame(windowBits === undefined ? message.plain : message.compressed(windowBits));
  }

  /** Sends a whole frame as it is, such as PreparedMessage made it for this connection's `sharedWindowBits`. */
  sendFrame(frame: Buffer): void {
    const connection = this.#connection;
    if (connection.state !== 'open') return;
    if (this.#corked || this.#flow === 'delivering') {
      connection.sendEncoded(frame);
    } else {
      this.#transport.write(frame);
      if (this.#transport.writableLength > 0) this.#awaitDrain();
    }
  }

  /** What is sent meanwhile goes out together: one write, however many frames. Must not be nested. */
  corked(send: () => void): void {
    this.#corked = true;
    try {
      send();
    } finally {
      this.#corked = false;
      this.#flush();
    }
  }

  /** Sends a ping of at most 125 bytes; the pong shows only in `bytesReceived`. */
  ping(data: Buffer = EMPTY): void {
    this.#connection.sendPing(data);
    this.#flush();
  }

  /** Begins the closing handshake. Input not yet delivered is discarded; a reason over 123 bytes is cut. */
  close(code: number = CloseCode.normal, reason = ''): void {
    if (this.#connection.state !== 'open') return;
    this.#connection.sendClose(code, reason);
    this.#flush();
    this.#startCloseTimer();
    // The peer's Close frame is to be seen even by one who had stopped reading.
    this.resume();
  }

  /** Ends the connection at once, without a Close frame; input not yet delivered is discarded. */
  terminate(): void {
    this.#connection.abandon();
    this.#transport.destroy();
  }

  /** Stops reading, and delivering what has been read. */
  pause(): void {
    if (this.#connection.state !== 'open') return;
    this.#paused = true;
    this.#transport.pause();
  }

  /** Goes on with what was held back, from the event loop's next turn on, and then with reading. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#flow === 'idle') this.#schedule();
    // Held back and let go by the same message: what was read is being delivered already.
    else if (this.#flow === 'delivering') this.#transport.resume();
  }

  #schedule(): void {
    this.#flow = 'scheduled';
    setImmediate(WebSocket.#proceed, this);
  }

  static #proceed(this: void, socket: WebSocket): void {
    socket.#flow = 'idle';
    socket.#deliver();
    if (!socket.#paused && socket.#flow === 'idle') socket.#transport.resume();
  }

  /** Hands over what has come, until there is no more or the handler pauses; then writes what that gave to send. */
  #deliver(): void {
    if (this.#flow !== 'idle') return;
    this.#flow = 'delivering';
    const connection = this.#connection;
    connection.setCongested(this.#transport.writableLength > CONGESTED_FROM);
    let wait = 0;
    connection.inflated = 0;
    while (!this.#paused && wait === 0 && connection.inflated < INFLATED_A_TURN) {
      const event = connection.nextEvent();
      if (event === undefined) break;
      if (event.type === 'message') {
        try {
          this.handler.message(event.data, event.binary);
        } catch (error) {
          this.#handlerFailed(error);
        }
      } else if (event.type === 'control') {
        this.#controlRate ??= new ControlRate(this.#controlPerSecond);
        wait = this.#controlRate.count(performance.now());
        this.handler.control?.();
      } else {
        this.#closeCode = event.code;
        this.#closeReason = event.reason;
      }
    }
    this.#flow = 'idle';
    if (connection.outputBytes > 0) {
      this.#flush();
      // The handler saw output waiting, and may have paused for it: it is told even where the system took all at once.
      if (!this.#backlogged) setImmediate(WebSocket.#outputTaken, this);
    }
    if (isOver(connection.state)) this.#leave();
    else if (wait > 0) this.#holdBack(wait);
    else if (!this.#paused && connection.inflated >= INFLATED_A_TURN) this.#yield();
  }

  /** What is left of a chunk that inflates to much comes in the next turn: others have theirs first. */
  #yield(): void {
    this.#transport.pause();
    this.#schedule();
  }

  /** A flood is answered with back-pressure: TCP slows the peer, and nothing is lost. */
  #holdBack(milliseconds: number): void {
    this.#flow = 'scheduled';
    this.#transport.pause();
    setTimeout(WebSocket.#proceed, milliseconds, this).unref();
  }

  /** Both Close frames are done with, or there is nobody to wait for. */
  #leave(): void {
    if (this.#transport[attached] === undefined) return;
    // The peer has ended the stream and waits for nothing: a shutdown and a timer more would be for nobody.
    if (this.#connection.state === 'lost' && this.#transport.writableLength === 0) {
      this.#transport.destroy();
      return;
    }
    this.#startCloseTimer();
    // RFC 6455 §7.1.1: the server closes TCP first; a client waits for that.
    if (this.#connection.role === 'server' || this.#connection.state !== 'closed') this.#transport.end();
    this.#paused = false;
    this.#transport.resume();
  }

  #flush(): void {
    if (this.#corked || this.#flow === 'delivering' || this.#connection.outputBytes === 0) return;
    const transport = this.#transport;
    const size = this.#connection.outputBytes;
    const output = this.#connection.takeOutput();
    if (size <= COPIED_UP_TO && output.length > 1) {
      transport.write(Buffer.concat(output, size));
    } else {
      if (output.length > 1) transport.cork();
      for (const bytes of output) transport.write(bytes);
      if (output.length > 1) transport.uncork();
    }
    if (transport.writableLength > 0) this.#awaitDrain();
  }

  /** A stream tells only when it falls below its high-water mark; an empty write's end tells when all is out. */
  #awaitDrain(): void {
    if (this.#backlogged) return;
    this.#backlogged = true;
    this.#transport.write(EMPTY, (error) => {
      if (!error) this.#drained();
    });
  }

  static #outputTaken(this: void, socket: WebSocket): void {
    if (!socket.#backlogged) socket.#drained();
  }

  #drained(): void {
    this.#backlogged = false;
    if (this.#transport.writableLength > 0) {
      if (!isOver(this.#connection.state)) this.#awaitDrain();
      return;
    }
    this.#connection.setCongested(false);
    try {
      this.handler.drained();
    } catch (error) {
      this.#handlerFailed(error);
    }
    this.#flush();
  }

  #handlerFailed(error: unknown): void {
    this.close(CloseCode.internalError, 'internal error');
    this.#onError(error);
  }

  #startCloseTimer(): void {
    this.#closeTimer ??= setTimeout(WebSocket.#closeTimedOut, this.#closeTimeout, this);
  }

  static #closeTimedOut(this: void, socket: WebSocket): void {
    socket.#transport.destroy();
  }

  // The transport's listeners: shared by all connections, each found from its transport.

  static readonly #onData = function (this: Attached, chunk: Buffer): void {
    const socket = this[attached];
    if (socket === undefined) return;
    socket.bytesReceived += chunk.length;
    socket.#connection.receive(chunk);
    socket.#deliver();
    if (chunk.length < FULL_CHUNK || socket.#flow !== 'idle' || socket.#paused) return;
    this.pause();
    socket.#schedule();
  };

  static readonly #onEnd = function (this: Attached): void {
    const socket = this[attached];
    if (socket === undefined) return;
    socket.#connection.receiveEnd();
    socket.#deliver();
  };

  static readonly #onClose = function (this: Attached): void {
    WebSocket.#transportClosed(this);
  };

  static #transportClosed(this: void, transport: Attached): void {
    const socket = transport[attached];
    if (socket === undefined) return;
    transport[attached] = undefined;
    clearTimeout(socket.#closeTimer);
    socket.#connection.abandon();
    const { handler } = socket;
    socket.handler = IGNORE;
    try {
      handler.closed(socket.#closeCode, socket.#closeReason);
    } catch (error) {
      socket.#onError(error);
    }
  }
}
