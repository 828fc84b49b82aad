// What the user of a WebSocket gives it: whom to tell of messages and of the end, and how it should behave.

export interface WebSocketHandler {
  /** A whole message. `data` may be a view of a larger chunk: copy what is kept for long. */
  message(data: Buffer, binary: boolean): void;
  /** A ping or a pong came; a ping is answered already. */
  control?(): void;
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
  /** Pings and pongs that are read in a second, on average; a peer that sends more is read more slowly. */
  readonly controlRate?: number | undefined;
  /** Gets what a handler throws, after which the connection is closed with 1011. By default it is an uncaught error. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** The handler of a connection that nobody listens to: one without a handler yet, or one that has ended. */
export const IGNORE: WebSocketHandler = { message() {}, drained() {}, closed() {} };

/** What becomes of a handler's error without `onError`: an uncaught one, once the connection is done with its turn. */
export function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
