// Small things done with a FileSystem that several files of the log need: sync a folder, write a file whole, read one.
// Must never leave a file's content readable by others, nor a half-written file under its final name.
import { systemCode } from './errors.ts';
import { type FileSystem, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } from './file-system.ts';
import type { SyncQueue } from './sync-queue.ts';

/** A file system, and the one queue for its syncs. */
export type Disk = { readonly fs: FileSystem; readonly syncs: SyncQueue };

/** Makes the names in a folder durable. Windows cannot open folders and keeps names in its own journal. */
export function syncFolder(fs: FileSystem, path: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.open(path, O_RDONLY);
  try {
    fs.sync(fd);
  } finally {
    fs.close(fd);
  }
}

/** As `syncFolder`, on a thread of the pool. */
export function syncFolderInBackground({ syncs }: Disk, path: string): Promise<void> {
  return process.platform === 'win32' ? Promise.resolve() : syncs.syncAt(path);
}

/** Writes all of `bytes`, however many calls it takes. */
export function writeAll(fs: FileSystem, fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const count = fs.write(fd, bytes, done, bytes.length - done);
    if (count === 0) throw new Error('The file takes no more bytes.');
    done += count;
  }
}

/**
 * Writes a file under a new name beside `path`, mode 0600 before any content, syncs it and renames it into place: a
 * reader finds the old content or all of the new, and so does a start after a power loss. The folder is not synced.
 */
export function replaceFile(fs: FileSystem, path: string, content: Uint8Array): void {
  const fd = writeBeside(fs, path, content);
  try {
    fs.sync(fd);
  } finally {
    fs.close(fd);
  }
  fs.rename(besideOf(path), path);
}

/** As `replaceFile`, syncing on a thread of the pool. Throws at once where the file cannot be written. */
export function replaceFileInBackground({ fs, syncs }: Disk, path: string, content: Uint8Array): Promise<void> {
  fs.close(writeBeside(fs, path, content));
  return syncs.syncAt(besideOf(path)).then(() => fs.rename(besideOf(path), path));
}

function besideOf(path: string): string {
  return `${path}.new`;
}

/** Answers the open file. */
function writeBeside(fs: FileSystem, path: string, content: Uint8Array): number {
  const fresh = besideOf(path);
  removeIfThere(fs, fresh);
  const fd = fs.open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    // A umask may have taken the owner's bits away.
    fs.changeMode(fd, 0o600);
    writeAll(fs, fd, content);
    return fd;
  } catch (error) {
    fs.close(fd);
    throw error;
  }
}

const SMALL_FILE_BYTES = 64 * 1024;

/** The whole of a small file, or undefined where there is none. Never follows a symbolic link. */
export function readSmallFile(fs: FileSystem, path: string, most = SMALL_FILE_BYTES): Buffer | undefined {
  let fd: number;
  try {
    fd = fs.open(path, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return readDescriptor(fs, fd, most);
  } finally {
    fs.close(fd);
  }
}

/** The content of an open file, from its start; more than `most` bytes are not a small file of ours and are left unread. */
export function readDescriptor(fs: FileSystem, fd: number, most = SMALL_FILE_BYTES): Buffer {
  const content = Buffer.alloc(Math.min(fs.status(fd).size, most));
  return content.subarray(0, readFully(fs, fd, content, 0));
}

/** Fills `target` from `position`; answers fewer bytes than its length only at the end of the file. */
export function readFully(fs: FileSystem, fd: number, target: Uint8Array, position: number): number {
  let done = 0;
  while (done < target.length) {
    const count = fs.read(fd, target, done, target.length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** As `readFully`, on a thread of the pool. */
export async function readFullyInBackground(
  fs: FileSystem,
  fd: number,
  target: Uint8Array,
  position: number,
): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const count = await fs.readInBackground(fd, target, done, target.length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

export function removeIfThere(fs: FileSystem, path: string): void {
  try {
    fs.remove(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
