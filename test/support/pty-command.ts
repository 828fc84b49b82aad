// The real command on a real terminal (a pty), with a model of its screen.

import { type IPty, spawn } from '@lydell/node-pty';
import { NO_CONFIG } from './command.ts';
import { Screen } from './screen.ts';
import { COMMAND } from './server-process.ts';

const PATIENCE_MS = 20_000;

export class PtyCommand {
  readonly screen = new Screen(100, 30);
  /** Every byte that came to the terminal, for what the screen does not keep. */
  output = '';
  readonly exited: Promise<number>;
  readonly #pty: IPty;
  #hasExited = false;
  readonly #waiting = new Set<() => void>();

  /** `command`: the program and what comes before its arguments. */
  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    [program, ...before]: readonly [string, ...string[]] = [process.execPath, COMMAND],
  ) {
    this.#pty = spawn(program, [...before, ...args], {
      name: env.TERM ?? 'xterm-256color',
      cols: this.screen.columns,
      rows: this.screen.rows,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TZ: 'UTC', XDG_CONFIG_HOME: NO_CONFIG, ...env },
    });
    this.#pty.onData((data) => {
      this.output += data;
      this.screen.write(data);
      for (const check of this.#waiting) check();
    });
    this.exited = new Promise((done) => {
      this.#pty.onExit(({ exitCode }) => {
        this.#hasExited = true;
        done(exitCode);
      });
    });
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  /** Resolves when what was printed and not erased matches. */
  shows(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`Waited for ${pattern}. The screen:\n${this.screen.withCursor}`));
      }, PATIENCE_MS);
      const check = (): void => {
        if (!pattern.test(this.screen.printed.join('\n'))) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  async stop(): Promise<void> {
    if (!this.#hasExited) this.#pty.kill('SIGKILL');
    await this.exited;
  }
}
