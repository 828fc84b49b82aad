// Where a running server is found by the commands on the same machine: its URL, data directory and process. Holds no
// secret, but decides where the admin's token goes: it must never be believed of a server that is gone, nor from others.

import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { identityOf, isRunning } from '../log/index.ts';

export interface RunningServer {
  readonly url: string;
  readonly data: string;
}

/** `state` is the user's state folder of roomchat, here and below. */
function pathOf(state: string, port: number): string {
  return join(state, 'servers', `${port}.json`);
}

/** Says that a server runs on this port, in this process. Throws what the system says. */
export function writeStateFile(state: string, port: number, server: RunningServer): void {
  mkdirSync(join(state, 'servers'), { recursive: true, mode: 0o700 });
  const path = pathOf(state, port);
  const temporary = `${path}.${process.pid}`;
  rmSync(temporary, { force: true });
  const content = JSON.stringify({ ...server, ...identityOf(process.pid) });
  writeFileSync(temporary, `${content}\n`, { flag: 'wx', mode: 0o600 });
  renameSync(temporary, path);
}

/** Only the server's own file is removed: another one may have taken the port since. */
export function removeStateFile(state: string, port: number): void {
  const path = pathOf(state, port);
  try {
    if (parse(readOwn(path))?.pid === process.pid) rmSync(path, { force: true });
  } catch {
    // There is none, or it is no longer ours.
  }
}

/**
 * The server that runs on this port; undefined where none says so. Throws StateFileError where one does and cannot be
 * believed.
 */
export function readStateFile(state: string, port: number): RunningServer | undefined {
  const path = pathOf(state, port);
  let content: string;
  try {
    content = readOwn(path);
  } catch (error) {
    if (error instanceof StateFileError) throw error;
    return undefined;
  }
  const found = parse(content);
  if (found === undefined || portOf(found.url) !== port) {
    throw new StateFileError(
      `${path}, which says where the server is, was written by another version of roomchat. Restart the server to have a new one.`,
    );
  }
  return isRunning(found) ? { url: found.url, data: found.data } : undefined;
}

/** The message is a whole sentence. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';
}

/** The content of a file that this user alone can have written. */
function readOwn(path: string): string {
  // Not following a link, nor waiting for somebody who writes into a pipe. Windows has neither flag.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const { uid, mode } = fstatSync(fd);
    if (process.platform !== 'win32' && (uid !== process.geteuid?.() || (mode & 0o022) !== 0)) {
      throw new StateFileError(
        `${path}, which says where the server is, could have been written by another user. Remove it and restart the server to have a new one.`,
      );
    }
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function parse(content: string) {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('url' in value && 'data' in value && 'pid' in value && 'started' in value && 'boot' in value)) return undefined;
  const { url, data, pid, started, boot } = value;
  if (typeof url !== 'string' || typeof data !== 'string' || !URL.canParse(url)) return undefined;
  if (typeof pid !== 'number' || typeof started !== 'string' || typeof boot !== 'string') return undefined;
  return { url, data, pid, started, boot };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return Number(port || (protocol === 'https:' ? 443 : 80));
}
