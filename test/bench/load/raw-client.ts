// A client that costs next to nothing: hand-made frames on a bare socket, one read buffer for all, and no look at what
// comes beyond what its owner asks for. It trusts the server; it is no peer for a test.
import { connect, type Socket } from 'node:net';

export const MARK = '#';

/** RFC 6455 §5.5.3: an unasked pong says that somebody is there. Masked by a key of zeros. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
/** Servers end who is silent; ours after 40 seconds. */
export const SIGN_OF_LIFE_MS = 10_000;

const shared = Buffer.allocUnsafeSlow(256 * 1024);

export interface RawOptions {
  readonly port: number;
  readonly room: string;
  readonly nick: string;
  /** Further fields of the join; undefined: the upgrade is all. */
  readonly join: object | undefined;
}

export class RawClient {
  /** Gets what comes after `ready`: the first `length` bytes of the buffer, until it returns. */
  onBytes: (length: number, buffer: Buffer) => void = () => {};
  bytes = 0;
  readonly socket: Socket;
  /** Resolves when the server has said "live" (without a join: when it has switched protocols). */
  readonly ready: Promise<void>;
  #head: string | undefined = '';

  constructor(options: RawOptions) {
    const { port, room } = options;
    let begun = () => {};
    this.socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: shared,
        callback: (length) => {
          if (this.#head === undefined) {
            this.bytes += length;
            this.onBytes(length, shared);
          } else if (this.#begin(shared.toString('latin1', 0, length), options)) {
            this.#head = undefined;
            begun();
          }
          return true;
        },
      },
    });
    this.ready = new Promise((resolve, reject) => {
      begun = resolve;
      this.socket.on('error', reject);
      this.socket.on('close', () => reject(new Error('the server has closed a connection')));
    });
    this.socket.setNoDelay(true);
    this.socket.write(upgradeRequest(port, room));
  }

  /** Answers the pings that nobody looked at. */
  showLife(): void {
    if (this.#head === undefined) this.socket.write(PONG);
  }

  #begin(text: string, { join, nick }: RawOptions): boolean {
    const before = this.#head ?? '';
    this.#head = before + text;
    const upgraded = this.#head.includes('\r\n\r\n');
    if (join === undefined) return upgraded;
    if (upgraded && !before.includes('\r\n\r\n')) {
      this.socket.write(clientFrame(JSON.stringify({ type: 'join', nick, ...join })));
    }
    return this.#head.includes('"type":"live"');
  }
}

/** `extensions`: what is offered. */
export function upgradeRequest(port: number, room: string, extensions?: string): string {
  const offer = extensions === undefined ? '' : `Sec-WebSocket-Extensions: ${extensions}\r\n`;
  return (
    `GET /rooms/${room} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\n${offer}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
  );
}

/** A masked text frame of less than 64 KiB. */
export function clientFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  const header =
    payload.length < 126
      ? [0x81, 0x80 | payload.length]
      : [0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff];
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (key[i & 3] ?? 0);
  return Buffer.concat([Buffer.from(header), key, payload]);
}

/** Opens `count` connections, some at a time. */
export async function openAll(
  count: number,
  options: (index: number) => RawOptions,
  atOnce = 64,
): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  const timer = setInterval(() => {
    for (const client of clients) client.showLife();
  }, SIGN_OF_LIFE_MS);
  let next = 0;
  const open = async () => {
    while (next < count) {
      const client = new RawClient(options(next++));
      clients.push(client);
      await client.ready;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, open));
  clearInterval(timer);
  return clients;
}
