// Where a running server is found by the commands on the same machine: its URL, pid and data directory. Holds no secret.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  readonly data: string;
}

/** `state` is the user's state folder of roomchat, here and below. */
function pathOf(state: string, port: number): string {
  return join(state, 'servers', `${port}.json`);
}

/** Says that a server runs on this port. Throws what the system says. */
export function writeStateFile(state: string, port: number, server: RunningServer): void {
  mkdirSync(join(state, 'servers'), { recursive: true, mode: 0o700 });
  const path = pathOf(state, port);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(server)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

/** Only the server's own file is removed: another one may have taken the port since. */
export function removeStateFile(state: string, port: number): void {
  if (readStateFile(state, port)?.pid === process.pid) rmSync(pathOf(state, port), { force: true });
}

/** The server that says it runs on this port, or undefined. */
export function readStateFile(state: string, port: number): RunningServer | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(pathOf(state, port), 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('url' in value && 'pid' in value && 'data' in value)) return undefined;
    const { url, pid, data } = value;
    return typeof url === 'string' && typeof pid === 'number' && typeof data === 'string'
      ? { url, pid, data }
      : undefined;
  } catch {
    return undefined;
  }
}
