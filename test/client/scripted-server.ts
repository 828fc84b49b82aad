// A room's server that does what a test tells it to, step by step, on the `ws` package: a foreign peer. Knows nothing of
// rooms. Whatever is waited for and does not come fails by naming it.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export type Line = Readonly<Record<string, unknown>>;

/** What has come and has not been taken, and who waits for more. */
class Queue<T> {
  private readonly items: T[] = [];
  private readonly takers: ((item: T) => void)[] = [];

  push(item: T): void {
    const taker = this.takers.shift();
    if (taker === undefined) this.items.push(item);
    else taker(item);
  }

  get length(): number {
    return this.items.length;
  }

  take(what: string): Promise<T> {
    const item = this.items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), 10_000);
      this.takers.push((taken) => {
        clearTimeout(timer);
        resolve(taken);
      });
    });
  }
}

export class ScriptedPeer {
  readonly frames: string[] = [];
  private readonly lines = new Queue<Line>();
  readonly closed: Promise<number>;

  constructor(private readonly socket: WebSocket) {
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const frame = String(data);
      this.frames.push(frame);
      for (const line of frame.split('\n')) if (line !== '') this.lines.push(JSON.parse(line));
    });
    this.closed = new Promise((resolve) => socket.on('close', (code) => resolve(code)));
  }

  /** Lines that have come and that no test has taken. */
  get untaken(): number {
    return this.lines.length;
  }

  async next(type: string): Promise<Line> {
    const line = await this.lines.take(`a ${type} from the client`);
    if (line.type !== type) throw new Error(`waited for ${type}, got ${JSON.stringify(line)}`);
    return line;
  }

  async says(count: number): Promise<Line[]> {
    const lines: Line[] = [];
    while (lines.length < count) lines.push(await this.next('say'));
    return lines;
  }

  /** Everything in one frame. */
  send(...lines: readonly Line[]): void {
    this.raw(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  raw(frame: string | Buffer): void {
    this.socket.send(frame);
  }

  /** Resolves with the pong. */
  async ping(): Promise<void> {
    this.socket.ping();
    await once(this.socket, 'pong');
  }

  close(code?: number, reason?: string): void {
    this.socket.close(code, reason);
  }

  /** Without a Close frame. */
  cut(): void {
    this.socket.terminate();
  }
}

export class ScriptedServer {
  private readonly http = createServer();
  private readonly peers = new Queue<ScriptedPeer>();
  private readonly sockets = new WebSocketServer({ server: this.http });
  private port = 0;

  static async open(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    server.sockets.on('connection', (socket) => server.peers.push(new ScriptedPeer(socket)));
    await server.listen();
    return server;
  }

  private async listen(): Promise<void> {
    this.http.listen(this.port, '127.0.0.1');
    await once(this.http, 'listening');
    // A socket that listens on a port has no other kind of address.
    this.port = (this.http.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/rooms/lobby`;
  }

  accept(): Promise<ScriptedPeer> {
    return this.peers.take('a connection');
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.http.close();
    await once(this.http, 'close');
  }
}

export function welcome(fields: Line = {}): Line {
  const usual = { type: 'welcome', protocol: 1, id: 'me', nick: 'bob', room: 'lobby', epoch: 'e1', seq: 0, after: 0 };
  return { ...usual, present: 1, created: false, protected: false, key: 'k', ...fields };
}

export function message(seq: number, fields: Line = {}): Line {
  return { type: 'message', seq, at: 1763798400000, id: 'other', nick: 'ann', text: `text ${seq}`, ...fields };
}

export function live(seq: number): Line {
  return { type: 'live', seq };
}

export function error(code: string, fields: Line = {}): Line {
  return { type: 'error', code, message: `Said to be ${code}.`, ...fields };
}
