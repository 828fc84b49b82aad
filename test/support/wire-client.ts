// A member of a room on the `ws` package: a foreign peer that knows the wire and none of the project's code. It sends
// raw lines, keeps whatever comes, and waits by event; it never answers by itself, and never sleeps.

import WebSocket, { type ClientOptions } from 'ws';
import type { LineOf, LineType, Live, Welcome, WireLine } from './wire-lines.ts';

const PATIENCE_MS = 20_000;

export interface WireOptions extends ClientOptions {
  readonly protocols?: string[];
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class WireClient {
  /** Every line so far. */
  readonly lines: WireLine[] = [];
  /** The same lines as they came, each with its newline. */
  readonly raw: string[] = [];
  readonly frames: string[] = [];
  readonly closed: Promise<Closed>;
  #cursor = 0;
  #ending: Closed | undefined;
  readonly #waiting = new Set<() => void>();
  readonly socket: WebSocket;
  readonly #path: string;

  private constructor(socket: WebSocket, path: string) {
    this.socket = socket;
    this.#path = path;
    socket.on('message', (data) => this.#hear(data.toString()));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#ending = { code, reason: reason.toString() };
        for (const check of this.#waiting) check();
        resolve(this.#ending);
      });
    });
  }

  /** Opens a connection to `/rooms/<room>`, and sends nothing. Rejects where the upgrade is refused. */
  static open(server: { readonly url: string }, room: string, options: WireOptions = {}): Promise<WireClient> {
    const { protocols = [], ...rest } = options;
    const path = `/rooms/${encodeURIComponent(room)}`;
    const socket = new WebSocket(server.url.replace(/^http/, 'ws') + path, protocols, rest);
    const client = new WireClient(socket, path);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
    });
  }

  /** Opens a connection, joins, and waits for the replay's end. */
  static async join(
    server: { readonly url: string },
    room: string,
    fields: object = {},
    options: WireOptions = {},
  ): Promise<JoinedClient> {
    const client = await WireClient.open(server, room, options);
    return client.join(fields);
  }

  async join(fields: object = {}): Promise<JoinedClient> {
    this.send({ type: 'join', ...fields });
    const welcome = await this.next('welcome');
    const live = await this.next('live');
    return { client: this, welcome, live };
  }

  /** Sends each command as a line; all of them in one frame. */
  send(...commands: readonly object[]): void {
    this.sendRaw(commands.map((command) => `${JSON.stringify(command)}\n`).join(''));
  }

  sendRaw(frame: string | Buffer): void {
    this.socket.send(frame);
  }

  /** The next line of that type (for which `where` holds), after the last one that was waited for. */
  async next<T extends LineType>(type: T, where: (line: LineOf<T>) => boolean = () => true): Promise<LineOf<T>> {
    const find = (): LineOf<T> | undefined => {
      for (let index = this.#cursor; index < this.lines.length; index++) {
        const line = this.lines[index];
        if (line !== undefined && isType(line, type) && where(line)) {
          this.#cursor = index + 1;
          return line;
        }
      }
      return undefined;
    };
    return this.#until(find, `a line "${type}"${where.length > 0 ? ` where ${where}` : ''}`);
  }

  /** The message with that text. */
  said(text: string): Promise<LineOf<'message'>> {
    return this.next('message', (line) => line.text === text);
  }

  /** Says something and waits for its receipt. */
  async say(text: string, ref?: string): Promise<LineOf<'message'>> {
    this.send({ type: 'say', text, ...(ref === undefined ? {} : { ref }) });
    return this.said(text);
  }

  /** Waits until the server has handled all that was sent, and has sent all that came before. */
  async fence(): Promise<void> {
    this.send({ type: 'ping' });
    await this.next('pong');
  }

  /** Resolves when so many lines of that type have come in all. */
  async count(type: LineType, wanted: number): Promise<void> {
    const enough = () => (this.of(type).length >= wanted ? true : undefined);
    await this.#until(enough, `${wanted} lines "${type}" (${this.of(type).length} came)`);
  }

  /** All lines of a type so far. */
  of<T extends LineType>(type: T): LineOf<T>[] {
    return this.lines.filter((line) => isType(line, type));
  }

  get types(): LineType[] {
    return this.lines.map((line) => line.type);
  }

  /** Leaves politely. */
  async leave(code = 1000): Promise<void> {
    this.socket.close(code);
    await this.closed;
  }

  /** Is cut off: the connection goes without a close frame. */
  async drop(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  #hear(frame: string): void {
    this.frames.push(frame);
    for (const text of frame.split('\n')) {
      if (text === '') continue;
      this.raw.push(`${text}\n`);
      this.lines.push(JSON.parse(text));
    }
    for (const check of this.#waiting) check();
  }

  #until<T>(find: () => T | undefined, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        settle();
      };
      const complain = (why: string): Error =>
        new Error(
          `${this.#path}: ${why} while waiting for ${what}; the last lines were\n${this.raw.slice(-8).join('')}`,
        );
      const check = (): void => {
        const found = find();
        if (found !== undefined) finish(() => resolve(found));
        else if (this.#ending !== undefined) {
          const { code, reason } = this.#ending;
          finish(() => reject(complain(`the connection closed with ${code} ${reason}`)));
        }
      };
      const timer = setTimeout(() => finish(() => reject(complain('time ran out'))), PATIENCE_MS);
      this.#waiting.add(check);
      check();
    });
  }
}

export interface JoinedClient {
  readonly client: WireClient;
  readonly welcome: Welcome;
  readonly live: Live;
}

function isType<T extends LineType>(line: WireLine, type: T): line is LineOf<T> {
  return line.type === type;
}
