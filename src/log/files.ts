// Small things done with a FileSystem that several files of the log need: sync a folder, write a file whole, read one.
// Must never leave a file's content readable by others, nor a half-written file under its final name.
import { dirname } from 'node:path';
import { systemCode } from './errors.ts';
import { type FileSystem, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } from './file-system.ts';

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
  const fresh = `${path}.new`;
  removeIfThere(fs, fresh);
  const fd = fs.open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    // A umask may have taken the owner's bits away.
    fs.changeMode(fd, 0o600);
    writeAll(fs, fd, content);
    fs.sync(fd);
  } finally {
    fs.close(fd);
  }
  fs.rename(fresh, path);
}

/**
 * As `replaceFile`, without waiting for the disk on this turn, and the new name is durable as well. Rejects where nothing
 * was replaced; where that is not known, because the folder could not be synced, `syncFailed` is called before.
 */
export async function replaceFileInBackground(
  fs: FileSystem,
  path: string,
  content: Uint8Array,
  syncFailed: (error: unknown) => void,
): Promise<void> {
  const fresh = `${path}.new`;
  // Opened first: once the file is in its place nothing but the sync can fail.
  const folder = process.platform === 'win32' ? undefined : fs.open(dirname(path), O_RDONLY);
  try {
    removeIfThere(fs, fresh);
    const fd = fs.open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      fs.changeMode(fd, 0o600);
      writeAll(fs, fd, content);
      await fs.syncInBackground(fd);
    } finally {
      fs.close(fd);
    }
    await fs.renameInBackground(fresh, path);
    if (folder !== undefined) await syncOpenFolder(fs, folder, syncFailed);
  } catch (error) {
    // On a full disk it would be in the way.
    removeIfThere(fs, fresh);
    throw error;
  } finally {
    if (folder !== undefined) fs.close(folder);
  }
}

/** As `syncFolder`, without waiting for the disk on this turn. */
export async function syncFolderInBackground(
  fs: FileSystem,
  path: string,
  syncFailed: (error: unknown) => void,
): Promise<void> {
  if (process.platform === 'win32') return;
  const fd = fs.open(path, O_RDONLY);
  try {
    await syncOpenFolder(fs, fd, syncFailed);
  } finally {
    fs.close(fd);
  }
}

async function syncOpenFolder(fs: FileSystem, fd: number, syncFailed: (error: unknown) => void): Promise<void> {
  try {
    await fs.syncInBackground(fd);
  } catch (error) {
    syncFailed(error);
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

/** The content of an open file, from its start; more than `most` bytes are no small file of ours and are left unread. */
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

export function removeIfThere(fs: FileSystem, path: string): void {
  try {
    fs.remove(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
