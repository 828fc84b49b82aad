// Starts the bench's own processes, servers and load generators alike, and ends them by their handles. All that are
// left are ended when the bench is.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const START_MS = 20_000;
const STOP_MS = 10_000;

const running = new Set<ChildProcess>();

export function start(command: readonly [string, ...string[]], options: SpawnOptions = {}): ChildProcess {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export async function stop(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}

/** For the way out, whatever the reason. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Resolves once something listens there. */
export async function listening(port: number, child: ChildProcess): Promise<void> {
  for (const end = Date.now() + START_MS; Date.now() < end && child.exitCode === null; await wait(20)) {
    if (await answers(port)) return;
  }
  throw new Error(`nothing listens on port ${port}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** The file that runs: it starts again as a peer or as a load generator. */
export function ownScript(): string {
  const [, script] = process.argv;
  if (script === undefined) throw new Error('run by no script');
  return script;
}
