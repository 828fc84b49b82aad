// The real command, run as its user runs it: to its end, or for as long as a test needs it. Nothing of the machine's own
// environment changes what it does, and it is stopped by its pid.

import type { Writable } from 'node:stream';
import { execa } from 'execa';
import { COMMAND } from './server-process.ts';

/** The machine's user may have profiles. */
export const NO_CONFIG = '/nowhere';

const PATIENCE_MS = 20_000;

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Another way to start it: the program and what comes before its arguments. */
  readonly command?: readonly [string, ...string[]];
  readonly cwd?: string;
}

export interface Ended {
  /** Undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export class Command {
  stdout = '';
  stderr = '';
  readonly pid: number;
  readonly stdin: Writable;
  readonly ended: Promise<Ended>;
  readonly #kill: (signal: NodeJS.Signals) => void;
  readonly #closeStdout: () => void;
  readonly #waiting = new Set<() => void>();
  #hasEnded = false;

  constructor(args: readonly string[], { env, command, cwd }: CommandOptions = {}) {
    const [program, ...before] = command ?? [process.execPath, COMMAND];
    const child = execa(program, [...before, ...args], {
      env: { ...clean(process.env), XDG_CONFIG_HOME: NO_CONFIG, ...env },
      extendEnv: false,
      reject: false,
      buffer: false,
      ...(cwd === undefined ? {} : { cwd }),
    });
    if (child.pid === undefined) throw new Error(`${program} does not start.`);
    this.pid = child.pid;
    this.stdin = child.stdin;
    // Who has gone takes no more input.
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#hear('stdout', text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#hear('stderr', text));
    this.#kill = (signal) => void child.kill(signal);
    this.#closeStdout = () => child.stdout.destroy();
    this.ended = child.then(({ exitCode }) => {
      this.#hasEnded = true;
      for (const check of this.#waiting) check();
      return { exitCode, stdout: this.stdout, stderr: this.stderr };
    });
  }

  type(text: string): void {
    this.stdin.write(text);
  }

  kill(signal: NodeJS.Signals): void {
    this.#kill(signal);
  }

  /** Closes the end that it writes its standard output to, as `| head -1` does when it has enough. */
  closeStdout(): void {
    this.#closeStdout();
  }

  /** Ends it, if it has not ended. */
  async stop(): Promise<void> {
    if (!this.#hasEnded) this.#kill('SIGKILL');
    await this.ended;
  }

  /** Resolves when what it has printed there matches. */
  printed(where: 'stdout' | 'stderr', pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        settle();
      };
      const complain = (why: string): void => {
        const all = `stdout:\n${this.stdout}\nstderr:\n${this.stderr}`;
        finish(() => reject(new Error(`${why} while waiting for ${pattern} on ${where}; ${all}`)));
      };
      const check = (): void => {
        if (pattern.test(this[where])) finish(resolve);
        else if (this.#hasEnded) complain('the command ended');
      };
      const timer = setTimeout(() => complain('time ran out'), PATIENCE_MS);
      this.#waiting.add(check);
      check();
    });
  }

  #hear(where: 'stdout' | 'stderr', text: string): void {
    this[where] += text;
    for (const check of this.#waiting) check();
  }
}

/** Runs it to its end with this input. */
export async function run(
  args: readonly string[],
  { input = '', ...options }: CommandOptions & { readonly input?: string | Buffer } = {},
): Promise<Ended> {
  const command = new Command(args, options);
  command.stdin.end(input);
  const timer = setTimeout(() => command.kill('SIGKILL'), PATIENCE_MS);
  try {
    return await command.ended;
  } finally {
    clearTimeout(timer);
  }
}

function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(ROOMCHAT_|XDG_|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|CI$)/.test(name)),
  );
}
