// Real servers and sockets for the tests of accept and dial: on loopback, on a port of their own, gone after the test.
import { once } from 'node:events';
import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import {
  type AcceptOptions,
  accept,
  checkUpgrade,
  isRefusal,
  refuse,
  type WebSocket,
  type WebSocketHandler,
} from '../../src/websocket/index.ts';

export async function listen(server: Server | HttpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

export interface Endpoint {
  readonly port: number;
  readonly url: string;
  /** The next connection that was accepted. */
  accepted(): Promise<WebSocket>;
}

/** A server that accepts every WebSocket, or refuses what is malformed; `onAccept` sees each in the same turn. */
export async function serve(options: AcceptOptions = {}, onAccept?: (socket: WebSocket) => void): Promise<Endpoint> {
  const ready: WebSocket[] = [];
  const waiting: ((socket: WebSocket) => void)[] = [];
  const server = createServer();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const handshake = checkUpgrade(request);
    if (isRefusal(handshake)) {
      refuse(socket, handshake);
      return;
    }
    const websocket = accept(handshake, socket, head, { ...options, protocol: handshake.protocols[0] });
    onAccept?.(websocket);
    const next = waiting.shift();
    if (next === undefined) ready.push(websocket);
    else next(websocket);
  });
  const port = await listen(server);
  return {
    port,
    url: `ws://127.0.0.1:${port}/`,
    accepted: () => {
      const socket = ready.shift();
      return socket === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(socket);
    },
  };
}

/** A TCP server whose connections get `onSocket`. */
export async function serveTcp(onSocket: (socket: Socket) => void): Promise<number> {
  return await listen(createTcpServer(onSocket));
}

export async function connectTcp(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

export const REQUEST = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

/** Reads from a socket until what came satisfies `enough`, or the peer ends; gives all of it. */
export function readUntil(socket: Socket, enough: (bytes: Buffer) => boolean = () => false): Promise<Buffer> {
  return new Promise((resolve) => {
    let buffer = Buffer.alloc(1024);
    let length = 0;
    const finish = () => {
      socket.off('data', onData);
      resolve(buffer.subarray(0, length));
    };
    const onData = (chunk: Buffer) => {
      if (length + chunk.length > buffer.length) {
        buffer = Buffer.concat([buffer.subarray(0, length)], 2 * (length + chunk.length));
      }
      length += chunk.copy(buffer, length);
      if (enough(buffer.subarray(0, length))) finish();
    };
    socket.on('data', onData);
    socket.on('close', finish);
    socket.on('error', finish);
    socket.resume();
  });
}

/** A raw client whose handshake is done, with what came behind the response. */
export async function upgradeTcp(port: number, behind: Buffer = Buffer.alloc(0)): Promise<Socket> {
  const socket = await connectTcp(port);
  socket.write(Buffer.concat([Buffer.from(REQUEST), behind]));
  const bytes = await readUntil(socket, (soFar) => soFar.includes('\r\n\r\n'));
  socket.pause();
  const rest = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
  if (rest.length > 0) socket.unshift(rest);
  return socket;
}

/** A handler that keeps what it is told, and can be waited for. */
export class Recorder implements WebSocketHandler {
  readonly messages: string[] = [];
  drains = 0;
  end: { code: number; reason: string } | undefined;
  ends = 0;
  #waiting: { until: () => boolean; resolve: () => void }[] = [];

  message(data: Buffer, _binary: boolean): void {
    this.messages.push(data.toString('latin1'));
    this.#check();
  }

  drained(): void {
    this.drains++;
    this.#check();
  }

  closed(code: number, reason: string): void {
    this.end = { code, reason };
    this.ends++;
    this.#check();
  }

  /** Resolves once `until` holds. */
  when(until: (self: Recorder) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ until: () => until(this), resolve });
      this.#check();
    });
  }

  whenClosed(): Promise<void> {
    return this.when((self) => self.end !== undefined);
  }

  #check(): void {
    const { length } = this.#waiting;
    for (let i = 0; i < length; i++) {
      const item = this.#waiting.shift();
      if (item === undefined) return;
      if (item.until()) item.resolve();
      else this.#waiting.push(item);
    }
  }
}
