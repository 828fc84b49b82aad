// The real command, run as its user runs it: `node bin/roomchat.js serve` on a free port, with a data directory and a
// state folder of its own. It never touches what the machine's user has, and is stopped by its pid.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';

const START_MS = 15_000;

/** In either format of the console. */
const LISTENING = /(?:listening on |"url":")https?:\/\/[^\s"]+:(\d+)/;

export interface ServerOptions {
  /** Further flags of `serve`. */
  readonly args?: readonly string[];
  /** A data directory that outlives the server; without it, one that goes away with the server. */
  readonly data?: string;
  /** Another way to start it: the program and what comes before the flags. */
  readonly command?: readonly [string, ...string[]];
}

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly data: string;
  /** For other commands of this test: the same state folder, so that `admin` finds the server. */
  readonly env: Readonly<Record<string, string>>;
  /** What the console has printed so far. */
  output(): string;
  /** Resolves when the console has printed something that matches. */
  printed(pattern: RegExp): Promise<void>;
  adminToken(): Promise<string>;
  /** Ends it by a signal and resolves with its exit code (undefined where the signal killed it). */
  stop(signal?: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | undefined>;
}

export const COMMAND = resolve('bin/roomchat.js');

export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'roomchat-e2e-'));
  const data = options.data ?? join(folder, 'data');
  const env = { XDG_STATE_HOME: join(folder, 'state'), XDG_DATA_HOME: join(folder, 'share') };
  const [program, ...before] = options.command ?? [process.execPath, COMMAND, 'serve'];
  const child = execa(program, [...before, '--port', '0', '--data', data, ...(options.args ?? [])], {
    env,
    reject: false,
    stdin: 'ignore',
    buffer: false,
    // A graceful stop may take longer than execa would wait before it kills.
    forceKillAfterDelay: false,
  });
  let output = '';
  const waiting = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const check of waiting) check();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);

  const printed = (pattern: RegExp): Promise<void> =>
    new Promise((done, fail) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        waiting.delete(check);
        settle();
      };
      const complain = (why: string) => () =>
        fail(new Error(`${why} while waiting for ${pattern}; printed:\n${output}`));
      const check = (): void => {
        if (pattern.test(output)) finish(done);
      };
      const timer = setTimeout(() => finish(complain('time ran out')), START_MS);
      waiting.add(check);
      void child.then(() => finish(complain('the server ended')));
      check();
    });

  await printed(LISTENING);
  const port = Number(LISTENING.exec(output)?.[1]);
  const { pid } = child;
  if (pid === undefined) throw new Error('the server has no pid');
  return {
    pid,
    port,
    url: `http://127.0.0.1:${port}`,
    data,
    env,
    output: () => output,
    printed,
    adminToken: async () => (await readFile(join(data, 'admin.token'), 'utf8')).trim(),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const { exitCode } = await child;
      await rm(folder, { recursive: true, force: true });
      return exitCode;
    },
  };
}
