// What an entry of the lock is: a Unix socket, which the kernel answers for as long as its process lives, or, where there
// can be none, a file that names its process. Must never be taken for dead while its server lives.
import { chmodSync, closeSync, constants, lstatSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { systemCode } from './errors.ts';
import { isNamedProcessRunning, writeProcessFile } from './lock-file.ts';

export interface Holder {
  close(): Promise<void>;
}

/**
 * Makes an entry of this name in the folder, by which `isHeld` says that this process lives. A socket keeps apart even
 * two containers that share the directory, which do not see each other's processes.
 */
export async function holdAsWellAsCanBe(folder: string, name: string): Promise<Holder> {
  if (process.platform !== 'linux') return writeProcessFile(folder, name);
  try {
    return await listen(folder, name);
  } catch {
    // A file system without sockets, as a memory stick has; any other trouble meets the file as well, and is told then.
    return writeProcessFile(folder, name);
  }
}

/** Whether the server that made this entry lives. */
export function isHeld(path: string): boolean | Promise<boolean> {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status?.isSocket()) return isAnswered(path);
  return status?.isFile() === true && isNamedProcessRunning(path);
}

async function listen(folder: string, name: string): Promise<Holder> {
  const path = join(folder, name);
  const server = createServer((socket) => socket.destroy()).unref();
  await withShortPath(
    path,
    (short) =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(short, resolve);
      }),
  );
  // Only now, but the folder is nobody else's to look into.
  chmodSync(path, 0o600);
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** The kernel takes connections for a process that is stopped or busy, and refuses them for one that is gone. unix(7) */
function isAnswered(path: string): Promise<boolean> {
  return withShortPath(
    path,
    (short) =>
      new Promise<boolean>((resolve, reject) => {
        const socket = connect(short);
        socket.once('connect', () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', (error) => {
          const code = systemCode(error);
          // EAGAIN: so many have asked that no more can wait.
          if (code === 'EAGAIN') resolve(true);
          else if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(false);
          else reject(error);
        });
      }),
  );
}

/** Bytes of the path of a socket, without the NUL that ends it. unix(7) */
const SOCKET_PATH_BYTES = 107;

/** The same place by a path that is never too long for a socket. */
async function withShortPath<T>(path: string, use: (short: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES) return use(path);
  const folder = openSync(dirname(path), constants.O_RDONLY);
  try {
    return await use(`/proc/self/fd/${folder}/${basename(path)}`);
  } finally {
    closeSync(folder);
  }
}
