// What a WebSocket needs of the stream that it drives: so much of a socket, and no more.

/** What a WebSocket needs of a stream; net.Socket and tls.TLSSocket are such. */
export interface Transport {
  readonly remoteAddress?: string | undefined;
  readonly writableLength: number;
  readonly closed: boolean;
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

/** What broke a transport does not matter: its `close` follows, and is told as 1006. */
export function ignoreError(): void {}
