// The lock where there are no abstract sockets: a file with the holder's pid and start time.
// Must never be held by two, nor be left to a pid that now belongs to another program.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataDirectoryInUse, systemCode } from './errors.ts';

export interface Lock {
  /** Whether it is still this server's. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Throws DataDirectoryInUse. */
export async function takeLockFile(directory: string): Promise<Lock> {
  const path = join(directory, 'lock');
  const mine = join(directory, `lock.${randomUUID()}`);
  const content = `${process.pid} ${startTime(process.pid) ?? ''}\n`;
  // Linked under its name with the content already in it, so that nobody reads a lock without a holder.
  writeFileSync(mine, content, { flag: 'wx', mode: 0o600 });
  try {
    while (!linked(mine, path)) removeIfLeftBehind(directory, path);
  } finally {
    rmSync(mine, { force: true });
  }
  return {
    isHeld: async () => contentOf(path) === content,
    release: async () => {
      rmSync(path, { force: true });
    },
  };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a dead server's lock away; throws DataDirectoryInUse for one that lives. */
function removeIfLeftBehind(directory: string, path: string): void {
  const found = contentOf(path);
  if (found === undefined) return;
  if (isHeld(found)) throw new DataDirectoryInUse(directory);
  // Renamed before it is removed: of two that start at once, one could otherwise remove the lock of the other.
  const aside = join(directory, `lock.${randomUUID()}`);
  try {
    renameSync(path, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  const taken = contentOf(aside);
  if (taken !== undefined && taken !== found && isHeld(taken)) linked(aside, path);
  rmSync(aside, { force: true });
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isHeld(content: string): boolean {
  const [, digits, started] = /^(\d+) (.*)\n$/.exec(content) ?? [];
  const pid = Number(digits);
  if (digits === undefined || pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, as another user.
    if (systemCode(error) !== 'EPERM') return false;
  }
  return started === '' || startTime(pid) === started;
}

/** When a process started, as ps(1) says it; undefined where that cannot be had. */
function startTime(pid: number): string | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env, stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}
