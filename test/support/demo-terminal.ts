// The demo on a real terminal of its own (a pty), with a model of its screen and the connection that drives it.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type IPty, spawn } from '@lydell/node-pty';
import { build } from 'tsup';
import type { ShownLine } from '../../src/protocol/index.ts';
import { Screen } from './screen.ts';
import type { FromDemo, ToDemo } from './terminal-demo.ts';

const PATIENCE_MS = 15_000;

/** Bundles the demo once for all terminals of a suite. */
export async function bundleDemo(): Promise<{ file: string; remove: () => void }> {
  // Inside the checkout, so that the bundle still finds node_modules.
  const outDir = mkdtempSync(resolve('node_modules', '.demo-'));
  await build({
    entry: ['test/support/terminal-demo.ts'],
    outDir,
    config: false,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    silent: true,
  });
  return { file: join(outDir, 'terminal-demo.js'), remove: () => rmSync(outDir, { recursive: true, force: true }) };
}

export interface DemoOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly historyFile?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The command line that runs the demo; by default the demo itself. */
  readonly command?: (demo: readonly string[]) => readonly [string, ...string[]];
}

export class DemoTerminal {
  readonly screen: Screen;
  readonly heard: FromDemo[] = [];
  /** Every byte that came to the terminal, for what the screen does not keep. */
  output = '';
  readonly exited: Promise<{ exitCode: number; signal: number | undefined }>;
  readonly #pty: IPty;
  readonly #server: Server;
  #socket: Socket | undefined;
  #hasExited = false;
  #changed = (): void => {};

  static async start(file: string, options: DemoOptions = {}): Promise<DemoTerminal> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const terminal = new DemoTerminal(server, file, options);
    await terminal.until('the demo to be ready', () => terminal.heard.some(({ type }) => type === 'ready'));
    return terminal;
  }

  private constructor(server: Server, file: string, options: DemoOptions) {
    const { columns = 80, rows = 24 } = options;
    this.screen = new Screen(columns, rows);
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The test listens on no port.');
    server.on('connection', (socket) => {
      this.#socket = socket;
      // A demo that is killed resets its connection.
      socket.on('error', () => {});
      createInterface({ input: socket }).on('line', (line) => {
        this.heard.push(JSON.parse(line));
        this.#changed();
      });
    });
    const demo = [process.execPath, file, String(address.port), ...(options.historyFile ? [options.historyFile] : [])];
    const [program, ...args] = options.command?.(demo) ?? demo;
    this.#pty = spawn(program ?? process.execPath, args, {
      name: options.env?.TERM ?? 'xterm-256color',
      cols: columns,
      rows,
      env: { PATH: process.env.PATH, TZ: 'UTC', ...options.env },
    });
    this.#pty.onData((data) => {
      this.output += data;
      this.screen.write(data);
      this.#changed();
    });
    this.exited = new Promise((done) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#hasExited = true;
        done({ exitCode, signal });
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  tell(...messages: ToDemo[]): void {
    if (this.#socket === undefined) throw new Error('The demo has not connected.');
    this.#socket.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  }

  show(...lines: ShownLine[]): void {
    this.tell(...lines.map((line): ToDemo => ({ type: 'line', line })));
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** Waits for as long as it takes for `check` to hold; says what the screen was where it never does. */
  until(what: string, check: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#changed = () => {};
        reject(
          new Error(`Waited for ${what}. The screen:\n${this.screen.withCursor}\nHeard: ${JSON.stringify(this.heard)}`),
        );
      }, PATIENCE_MS);
      this.#changed = () => {
        if (!check()) return;
        clearTimeout(timer);
        this.#changed = () => {};
        resolve();
      };
      this.#changed();
    });
  }

  /** Waits for the screen, cursor included, to be this. */
  untilScreen(expected: string): Promise<void> {
    return this.until(`the screen\n${expected}\n`, () => this.screen.withCursor === expected);
  }

  async stop(): Promise<void> {
    if (!this.#hasExited) {
      this.#pty.kill('SIGKILL');
      await this.exited;
    }
    this.#socket?.destroy();
    await new Promise((done) => this.#server.close(done));
  }
}
