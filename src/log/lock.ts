// One server per data directory: the folder `lock` in it holds one entry, by which can be told whether its server lives.
// Must never be held by two, nor outlive the server that took it, nor be taken by somebody who may not write there.
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataDirectoryInUse, systemCode } from './errors.ts';
import { nodeFileSystem } from './file-system.ts';
import { type Holder, holdAsWellAsCanBe, isHeld } from './lock-holder.ts';
import { holdOldName } from './old-lock.ts';

export interface Lock {
  /** Whether it is still this server's. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Long enough to be used once, and short enough for the path of a socket. */
const ID_BYTES = 6;

/**
 * The folder comes by rename(2) with the entry already in it, and rename(2) replaces an empty folder but no other: of
 * many that try at once one gets in. A dead server's entry is removed by a name that nobody else ever has, so that
 * whoever is late cannot remove a living one's. Throws DataDirectoryInUse.
 */
export async function takeLock(
  directory: string,
  hold: (folder: string, name: string) => Promise<Holder> = holdAsWellAsCanBe,
): Promise<Lock> {
  const lock = join(directory, 'lock');
  // Before anything is written: where a server runs, this one leaves no trace.
  await removeDead(directory, lock);
  const id = randomBytes(ID_BYTES).toString('base64url');
  const mine = join(directory, `lock.${id}`);
  let holder: Holder | undefined;
  const release = async (): Promise<void> => {
    await holder?.close();
    rmSync(mine, { recursive: true, force: true });
    rmSync(join(lock, id), { force: true });
    removeIfEmpty(lock);
  };
  try {
    nodeFileSystem.makeDirectory(mine);
    holder = await hold(mine, id);
    while (!renamed(mine, lock)) await removeDead(directory, lock);
    const old = await holdOldName(directory);
    return {
      isHeld: () => exists(join(lock, id)),
      release: async () => {
        await old?.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    // There is an entry in it; Windows says EPERM then.
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM'].includes(systemCode(error) ?? '') && existsSync(to)) return false;
    throw error;
  }
}

/** Takes away what a server that is gone has left. Throws DataDirectoryInUse for one that lives. */
async function removeDead(directory: string, lock: string): Promise<void> {
  for (const entry of entriesOf(lock)) {
    if (await isHeld(entry)) throw new DataDirectoryInUse(directory);
    rmSync(entry, { force: true });
  }
  removeIfEmpty(lock);
}

/** Paths. Before 0.2 the lock was a file, where it was one at all. */
function entriesOf(lock: string): string[] {
  const status = lstatSync(lock, { throwIfNoEntry: false });
  if (status !== undefined && !status.isDirectory()) return [lock];
  try {
    return readdirSync(lock).map((name) => join(lock, name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
  }
}
