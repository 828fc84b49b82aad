// Opens a data directory: made where there is none, safe from others, and this server's alone.
// Must never read or write anything in one that somebody else may change, or that another server holds.
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { checkNoCopies } from './copies-mark.ts';
import { DataDirectory, type DataDirectoryOptions, trashPath } from './data-directory.ts';
import { explain } from './errors.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { syncFolder } from './files.ts';
import { roomsPath } from './list-rooms.ts';
import { type Lock, takeLock } from './lock.ts';
import { importsPath } from './room-import.ts';
import { trustedDataDirectory } from './trusted-folder.ts';

/** Opens the data directory, made where there is none. Throws DataDirectoryError, DataDirectoryInUse. */
export async function openDataDirectory(path: string, options: DataDirectoryOptions): Promise<DataDirectory> {
  const directory = resolve(path);
  let real: string;
  try {
    makeFolder(options.fs ?? nodeFileSystem, directory);
    real = trustedDataDirectory(directory);
  } catch (error) {
    throw explain(directory, error);
  }
  return openAt(real, options, async () => {});
}

/** A data directory that goes away when it is closed; nothing of it is ever synced. */
export async function ephemeralDataDirectory(options: Omit<DataDirectoryOptions, 'sync'>): Promise<DataDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'roomchat-'));
  const fs = { ...(options.fs ?? nodeFileSystem), sync: () => {}, syncInBackground: async () => {} };
  return openAt(path, { ...options, fs, sync: 'off' }, () => rm(path, { recursive: true, force: true }));
}

async function openAt(path: string, options: DataDirectoryOptions, atClose: () => Promise<void>) {
  const fs = options.fs ?? nodeFileSystem;
  let lock: Lock | undefined;
  try {
    lock = await takeLock(path);
    accessSync(path, constants.W_OK);
    makeFolder(fs, roomsPath(path));
    if (options.copies !== true) checkNoCopies(path);
    await rm(trashPath(path), { recursive: true, force: true });
    await rm(importsPath(path), { recursive: true, force: true });
    return new DataDirectory(path, fs, options, lock, atClose);
  } catch (error) {
    await lock?.release();
    throw explain(path, error);
  }
}

/** Makes a folder and those above it, and makes their names durable. */
function makeFolder(fs: FileSystem, path: string): void {
  const first = fs.makeDirectory(path);
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let made = resolve(path); made !== top; made = dirname(made)) syncFolder(fs, dirname(made));
}
