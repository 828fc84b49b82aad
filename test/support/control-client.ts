// The control path on the `ws` package: sends commands with a `ref` of their own, and collects what answers each.

import WebSocket from 'ws';

export interface ControlLine {
  readonly type: string;
  readonly ref?: number;
  readonly [field: string]: unknown;
}

export interface Answer {
  /** `done` or `error`. */
  readonly end: ControlLine;
  /** What came before it in parts. */
  readonly parts: ControlLine[];
}

export class ControlClient {
  /** Every line so far. */
  readonly lines: ControlLine[] = [];
  readonly frames: string[] = [];
  readonly closed: Promise<number>;
  #refs = 0;
  readonly #waiting = new Set<() => void>();
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      this.frames.push(data.toString());
      for (const line of data.toString().split('\n')) if (line !== '') this.lines.push(JSON.parse(line));
      for (const check of this.#waiting) check();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.on('close', resolve));
  }

  static open(server: { readonly url: string }, token: string): Promise<ControlClient> {
    const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/admin`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const client = new ControlClient(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
    });
  }

  sendRaw(frame: string): void {
    this.#socket.send(frame);
  }

  async ask(command: { readonly type: string; readonly [field: string]: unknown }): Promise<Answer> {
    const ref = ++this.#refs;
    this.sendRaw(JSON.stringify({ ...command, ref }));
    const end = await this.line((line) => line.ref === ref && (line.type === 'done' || line.type === 'error'));
    return { end, parts: this.lines.filter((line) => line.ref === ref && line.type === 'part') };
  }

  /** The first line, of those that have come or will come, that is wanted. */
  line(wanted: (line: ControlLine) => boolean): Promise<ControlLine> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = this.lines.find(wanted);
        if (found === undefined) return;
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      void this.closed.then((code) =>
        reject(new Error(`the control path closed with ${code} while waiting for a line where ${wanted}`)),
      );
      check();
    });
  }

  /** Reads no more. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.close();
  }
}
