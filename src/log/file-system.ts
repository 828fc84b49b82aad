// The few system calls that the log needs, as an interface, so that a full disk or a failed sync can be shown.
// Must never retry, hide or reorder a call: what the log promises rests on each of them being exactly that call.
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  read,
  readSync,
  rename,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './errors.ts';

export type FileStatus = {
  readonly size: number;
  /** Both together are which file it is. */
  readonly dev: number;
  readonly ino: number;
  readonly mode: number;
  readonly uid: number;
  isFile(): boolean;
};

/** Bytes of a disk: those that this user may still take, and all. */
export type DiskSpace = { readonly free: number; readonly size: number };

export interface FileSystem {
  /** open(2); `flags` are those of `constants`. */
  open(path: string, flags: number, mode?: number): number;
  close(fd: number): void;
  status(fd: number): FileStatus;
  /** pread(2): the number of bytes read, 0 at the end of the file. */
  read(fd: number, target: Uint8Array, offset: number, length: number, position: number): number;
  readInBackground(fd: number, target: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** write(2) where the descriptor stands: the number of bytes written, which may be fewer than asked. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number): number;
  /** pwrite(2); not for a descriptor with O_APPEND, which writes at the end all the same. */
  writeAt(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  truncate(fd: number, length: number): void;
  changeMode(fd: number, mode: number): void;
  /** fsync(2), of a file or of a folder. Only where nothing is served yet: it waits for the disk. */
  sync(fd: number): void;
  /** fsync(2) and fdatasync(2) on a thread of the pool; to be called by the SyncQueue alone. */
  syncInBackground(fd: number): Promise<void>;
  syncDataInBackground(fd: number): Promise<void>;
  /** Makes the folder and those above it, private to this user. Answers the first one made, or undefined. */
  makeDirectory(path: string): string | undefined;
  rename(from: string, to: string): void;
  renameInBackground(from: string, to: string): Promise<void>;
  remove(path: string): void;
  /** statfs(2) on a thread of the pool, for the disk that holds `path`. */
  spaceInBackground(path: string): Promise<DiskSpace>;
}

export const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = constants;
/** Windows has no such flag, and no symbolic links that an ordinary user may plant. */
export const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;

/**
 * mkdir(2), and for the folders above where there are none. Not by Node's own `recursive`: that tries for ever where a
 * folder exists in which none can be made, and the system says so with ENOENT, as it does in /proc.
 */
function makeFolders(path: string): string | undefined {
  try {
    mkdirSync(path, 0o700);
    return path;
  } catch (error) {
    if (isFolder(path)) return undefined;
    const above = dirname(path);
    if (systemCode(error) !== 'ENOENT' || isFolder(above)) throw error;
    const first = makeFolders(above);
    mkdirSync(path, 0o700);
    return first;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

export const nodeFileSystem: FileSystem = {
  open: openSync,
  close: closeSync,
  status: (fd) => fstatSync(fd),
  read: readSync,
  readInBackground: (fd, target, offset, length, position) =>
    new Promise((resolve, reject) => {
      read(fd, target, offset, length, position, (error, count) => (error === null ? resolve(count) : reject(error)));
    }),
  write: (fd, bytes, offset, length) => writeSync(fd, bytes, offset, length, null),
  writeAt: (fd, bytes, offset, length, position) => writeSync(fd, bytes, offset, length, position),
  truncate: ftruncateSync,
  changeMode: fchmodSync,
  sync: fsyncSync,
  syncDataInBackground: (fd) =>
    new Promise((resolve, reject) => {
      fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
    }),
  syncInBackground: (fd) =>
    new Promise((resolve, reject) => {
      fsync(fd, (error) => (error === null ? resolve() : reject(error)));
    }),
  makeDirectory: (path) => {
    const first = makeFolders(path);
    // A umask can only have taken the owner's own bits away: give them back.
    if (first !== undefined) chmodSync(path, 0o700);
    return first;
  },
  rename: renameSync,
  renameInBackground: (from, to) =>
    new Promise((resolve, reject) => {
      rename(from, to, (error) => (error === null ? resolve() : reject(error)));
    }),
  remove: unlinkSync,
  spaceInBackground: async (path) => {
    const { bavail, blocks, bsize } = await statfs(path);
    return { free: bavail * bsize, size: blocks * bsize };
  },
};
