// Drives a Connection over a stream: feeds it what comes, hands its messages to a handler, writes what it has to send.
// Knows a transport only by a narrow interface. Keeps no buffer, timer or closure while the connection is idle.
import { CloseCode } from './close-codes.ts';
import type { Connection } from './connection.ts';
import type { PreparedMessage } from './prepared-message.ts';
import { isOver } from './state.ts';

/** What a WebSocket needs of a stream; net.Socket and tls.TLSSocket are such. */
export interface Transport {
  readonly remoteAddress?: string | undefined;
  readonly writableLength: number;
  readonly closed: boolean;
  [attached]?: WebSocket | undefined;
  on(event: 'data', listener: (this: Transport, chunk: Buffer) => void): unknown;
  on(event: 'end' | 'close', listener: (this: Transport) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
  write(bytes: Buffer, written?: (error?: Error | null) => void): boolean;
  cork(): void;
  uncork(): void;
  pause(): unknown;
  resume(): unknown;
  end(): unknown;
  destroy(): unknown;
}

export interface WebSocketHandler {
  /** A whole message. `data` may be a view of a larger chunk: copy what is kept for long. */
  message(data: Buffer, binary: boolean): void;
  /** The output went from some to none. */
  drained(): void;
  /** The end, exactly once: the peer's code, ours where the peer was at fault, 1005 for no code, 1006 for no Close. */
  closed(code: number, reason: string): void;
}

export interface WebSocketOptions {
  readonly handler?: WebSocketHandler | undefined;
  /** The subprotocol agreed on, or ''. */
  readonly protocol?: string | undefined;
  /** Milliseconds that the closing handshake may take. */
  readonly closeTimeout?: number | undefined;
  /** Gets what a handler throws, after which the connection is closed with 1011. By default it is an uncaught error. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const attached = Symbol('websocket');
const EMPTY = Buffer.alloc(0);
const DEFAULT_CLOSE_TIMEOUT = 5000;
/** From this size on a chunk counts as full (TLS gives 16 KiB at a time, TCP up to 64): others have their turn first. */
const FULL_CHUNK = 16_384;
/** With so much output waiting, pings are answered only by the latest pong. */
const CONGESTED_FROM = 65_536;
const IGNORE: WebSocketHandler = { message() {}, drained() {}, closed() {} };

export class WebSocket {
  handler: WebSocketHandler;
  readonly protocol: string;
  readonly remoteAddress: string | undefined;
  /** All bytes that ever came, frames' headers and pongs included: whether it moves shows that the peer lives. */
  bytesReceived: number;
  readonly #connection: Connection;
  readonly #transport: Transport;
  readonly #closeTimeout: number;
  readonly #onError: (error: unknown) => void;
  /** `scheduled`: input is held back until the event loop's next turn. */
  #flow: 'idle' | 'delivering' | 'scheduled';
  #paused: boolean;
  /** Whether a write is under way whose end is to be told by `drained`. */
  #backlogged: boolean;
  #closeTimer: NodeJS.Timeout | undefined;
  #closeCode: number;
  #closeReason: string;

  /** Takes over `transport`; `head` is what was read from it already. Events come from the next turn on. */
  constructor(connection: Connection, transport: Transport, head: Buffer, options: WebSocketOptions) {
    this.handler = options.handler ?? IGNORE;
    this.protocol = options.protocol ?? '';
    this.remoteAddress = transport.remoteAddress;
    this.bytesReceived = head.length;
    this.#connection = connection;
    this.#transport = transport;
    this.#closeTimeout = options.closeTimeout ?? DEFAULT_CLOSE_TIMEOUT;
    this.#onError = options.onError ?? throwLater;
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
    const windowBits = compression?.sharedWindowBits;
    if (connection.role === 'client' || (compression !== undefined && windowBits === undefined)) {
      this.send(message.payload, false);
      return;
    }
    const frame = windowBits === undefined ? message.plain : message.compressed(windowBits);
    if (this.#flow === 'delivering') {
      connection.sendEncoded(frame);
    } else {
      this.#transport.write(frame);
      if (this.#transport.writableLength > 0) this.#awaitDrain();
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
  }

  #schedule(): void {
    this.#flow = 'scheduled';
    setImmediate(WebSocket.#proceed, this);
  }

  static #proceed(this: void, socket: WebSocket): void {
    socket.#flow = 'idle';
    socket.#deliver();
    if (!socket.#paused) socket.#transport.resume();
  }

  /** Hands over what has come, until there is no more or the handler pauses; then writes what that gave to send. */
  #deliver(): void {
    if (this.#flow !== 'idle') return;
    this.#flow = 'delivering';
    this.#connection.setCongested(this.#transport.writableLength > CONGESTED_FROM);
    while (!this.#paused) {
      const event = this.#connection.nextEvent();
      if (event === undefined) break;
      if (event.type === 'message') {
        try {
          this.handler.message(event.data, event.binary);
        } catch (error) {
          this.#handlerFailed(error);
        }
      } else {
        this.#closeCode = event.code;
        this.#closeReason = event.reason;
      }
    }
    this.#flow = 'idle';
    if (this.#connection.outputBytes > 0) {
      this.#flush();
      // The handler saw output waiting, and may have paused for it: it is told even where the system took all at once.
      if (!this.#backlogged) setImmediate(WebSocket.#outputTaken, this);
    }
    if (isOver(this.#connection.state)) this.#leave();
  }

  /** Both Close frames are done with, or there is nobody to wait for. */
  #leave(): void {
    this.#startCloseTimer();
    // RFC 6455 §7.1.1: the server closes TCP first; a client waits for that.
    if (this.#connection.role === 'server' || this.#connection.state !== 'closed') this.#transport.end();
    this.#paused = false;
    this.#transport.resume();
  }

  #flush(): void {
    if (this.#flow === 'delivering' || this.#connection.outputBytes === 0) return;
    const transport = this.#transport;
    const output = this.#connection.takeOutput();
    if (output.length > 1) transport.cork();
    for (const bytes of output) transport.write(bytes);
    if (output.length > 1) transport.uncork();
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

  static readonly #onData = function (this: Transport, chunk: Buffer): void {
    const socket = this[attached];
    if (socket === undefined) return;
    socket.bytesReceived += chunk.length;
    socket.#connection.receive(chunk);
    socket.#deliver();
    if (chunk.length < FULL_CHUNK || socket.#flow !== 'idle' || socket.#paused) return;
    this.pause();
    socket.#schedule();
  };

  static readonly #onEnd = function (this: Transport): void {
    const socket = this[attached];
    if (socket === undefined) return;
    socket.#connection.receiveEnd();
    socket.#deliver();
  };

  static readonly #onClose = function (this: Transport): void {
    WebSocket.#transportClosed(this);
  };

  static #transportClosed(this: void, transport: Transport): void {
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

/** What broke the transport does not matter: `close` follows, and is told as 1006. */
function ignoreError(): void {}

function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
