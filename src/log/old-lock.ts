// The lock of 0.1: an abstract Unix socket named by the folder's device and inode. It is held beside the new one, so that
// a server of 0.1 and a newer one keep apart. Anybody can bind such a name, so it must never decide by itself: it counts
// only where a process of this user has it.
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { DataDirectoryInUse, systemCode } from './errors.ts';

/** The path of a Unix socket at its longest, its leading NUL included. */
const SOCKET_NAME_BYTES = 108;

/** Undefined where there are no such names, or where somebody else has this one. Throws DataDirectoryInUse. */
export async function holdOldName(directory: string): Promise<{ close(): Promise<void> } | undefined> {
  if (process.platform !== 'linux') return undefined;
  const { dev, ino } = statSync(directory, { bigint: true });
  // As long as can be: some releases of Node fill a shorter name up with NULs, and so would make it another name.
  const name = `\0roomchat data directory ${dev} ${ino} `.padEnd(SOCKET_NAME_BYTES, '-');
  const server = createServer((socket) => socket.destroy()).unref();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(name, resolve);
    });
  } catch {
    if (isOfThisUser(name)) throw new DataDirectoryInUse(directory);
    return undefined;
  }
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Whether a process of this user holds this name. */
function isOfThisUser(name: string): boolean {
  const inode = inodeOf(name);
  if (inode === undefined) return false;
  const socket = `socket:[${inode}]`;
  return readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && has(pid, socket));
}

/** proc(5), /proc/net/unix: the inode is the seventh field, the name the last, a NUL in it an @. */
function inodeOf(name: string): string | undefined {
  const shown = ` @${name.slice(1)}`;
  const line = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .find((text) => text.endsWith(shown));
  return line?.trim().split(/\s+/)[6];
}

function has(pid: string, socket: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    if (statSync(`/proc/${pid}`).uid !== process.geteuid?.()) return false;
    return readdirSync(folder).some((fd) => linkOf(`${folder}/${fd}`) === socket);
  } catch (error) {
    // It has ended meanwhile, or is one that not even its own user may look into.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
