// A peer that writes its request byte by byte as it is told: for upgrades that no WebSocket library would send, and for
// frames after them. It follows no rule by itself.

import { connect, type Socket } from 'node:net';

export interface RawRequest {
  method: string;
  path: string;
  /** Each as it goes over the wire, in this order, repeated ones too. */
  headers: [string, string][];
}

export interface RawResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** An upgrade that nothing is wrong with. */
export function upgradeRequest(port: number, path: string): RawRequest {
  return {
    method: 'GET',
    path,
    headers: [
      ['Host', `127.0.0.1:${port}`],
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Sec-WebSocket-Version', '13'],
    ],
  };
}

function encode({ method, path, headers }: RawRequest): string {
  return `${method} ${path} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

function parse(text: string): RawResponse {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(statusLine.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
}

/** Sends the request and resolves with the answer's head and what came of its body at once; then hangs up. */
export async function request(port: number, raw: RawRequest): Promise<RawResponse> {
  const peer = await RawPeer.open(port);
  peer.socket.write(encode(raw));
  const text = await peer.until(/\r\n\r\n/);
  peer.socket.destroy();
  return parse(text);
}

/** A client's frame of up to 125 bytes: its first byte, and its payload as latin1, masked with a key of zeros. */
export function masked(first: number, payload: string): Buffer {
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload, 'latin1')]);
}

/** One connection, and all that has come over it (as latin1, so that a byte is a character). */
export class RawPeer {
  received = '';
  readonly ended: Promise<void>;
  readonly #waiting = new Set<() => void>();
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.received += chunk;
      for (const check of this.#waiting) check();
    });
    socket.on('error', () => {});
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        for (const check of this.#waiting) check();
        resolve();
      });
    });
  }

  static open(port: number): Promise<RawPeer> {
    const socket = connect(port, '127.0.0.1');
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(new RawPeer(socket)));
      socket.once('error', reject);
    });
  }

  /** Upgraded, with the response's head taken off what is received. */
  static async upgraded(port: number, path: string): Promise<RawPeer> {
    const peer = await RawPeer.open(port);
    peer.socket.write(encode(upgradeRequest(port, path)));
    const head = await peer.until(/\r\n\r\n/);
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(`the upgrade was refused: ${head}`);
    peer.received = head.slice(head.indexOf('\r\n\r\n') + 4);
    return peer;
  }

  /** Resolves with all that is received once it matches, or fails when the connection ends first. */
  until(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (pattern.test(this.received)) resolve(this.received);
        else if (this.socket.destroyed)
          reject(new Error(`the connection ended while waiting for ${pattern}; received ${this.received}`));
        else return;
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** The code of the close frame that the server's output ends with, once the server has hung up. */
  async closeCode(): Promise<number | undefined> {
    await this.ended;
    const bytes = Buffer.from(this.received, 'latin1');
    let offset = 0;
    while (offset + 2 <= bytes.length) {
      const length = bytes.readUInt8(offset + 1);
      const [size, header] = length < 126 ? [length, 2] : [bytes.readUInt16BE(offset + 2), 4];
      if (bytes.readUInt8(offset) === 0x88) return bytes.readUInt16BE(offset + header);
      offset += header + size;
    }
    return undefined;
  }
}
