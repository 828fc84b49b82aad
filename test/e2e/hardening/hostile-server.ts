// A server that means ill: it accepts one connection after the other, answers the upgrade as it is told, and then writes
// the bytes that it is told. Frames are built by hand: it follows no rule by itself.

import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';

export interface Attack {
  /** What answers the upgrade; by default a proper 101. */
  readonly answer?: (accept: string) => string;
  /** Written behind the answer. */
  readonly bytes?: Buffer;
  /** Does not hang up behind that. */
  readonly staysOpen?: boolean;
}

export interface HostileServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export function switching(accept: string, ...more: string[]): string {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  return `${[...lines, `Sec-WebSocket-Accept: ${accept}`, ...more].join('\r\n')}\r\n\r\n`;
}

export async function startHostileServer({
  answer = switching,
  bytes,
  staysOpen = false,
}: Attack): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let request = '';
    socket.on('data', (chunk) => {
      if (request.includes('\r\n\r\n')) return;
      request += chunk.toString('latin1');
      if (!request.includes('\r\n\r\n')) return;
      const key = /^Sec-WebSocket-Key: (.*)$/im.exec(request)?.[1]?.trim() ?? '';
      socket.write(
        answer(
          createHash('sha1')
            .update(key + GUID)
            .digest('base64'),
        ),
        'latin1',
      );
      if (bytes !== undefined) socket.write(bytes);
      if (!staysOpen) socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A frame as a server sends it, unmasked. `first` is its first octet: FIN, RSV and opcode. */
export function frame(first: number, payload: Buffer | string): Buffer {
  const body = Buffer.from(payload);
  if (body.length < 126) return Buffer.concat([Buffer.from([first, body.length]), body]);
  if (body.length < 65_536) {
    return Buffer.concat([Buffer.from([first, 126, body.length >> 8, body.length & 255]), body]);
  }
  const header = Buffer.alloc(10);
  header.set([first, 127]);
  header.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([header, body]);
}

export function lines(...objects: readonly object[]): Buffer {
  return frame(0x81, objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
}

export function close(code: number, reason = ''): Buffer {
  return frame(0x88, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));
}

export const welcome = {
  type: 'welcome',
  protocol: 1,
  id: 'c1',
  nick: 'bob',
  room: 'lobby',
  epoch: 'e1',
  seq: 0,
  after: 0,
  present: 1,
  created: false,
  protected: false,
  key: 'k',
};
