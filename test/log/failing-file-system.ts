// A real file system whose calls can be made to fail, or to do only a part, and that keeps a record of some of them.
import { readlinkSync } from 'node:fs';
import { type FileSystem, nodeFileSystem } from '../../src/log/index.ts';

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made to fail`), { code });
}

export type Faults = {
  /** Answers how many of the bytes to write, or throws. */
  write?: ((length: number) => number) | undefined;
  read?: (() => void) | undefined;
  truncate?: (() => void) | undefined;
  sync?: ((path: string) => void) | undefined;
  /** Called with each background sync; what it answers is waited for before the sync is made. */
  syncData?: (() => Promise<void> | void) | undefined;
};

/** Faults apply to logs alone: a room's other files are written as ever. */
export function failingFileSystem(faults: Faults): FileSystem {
  return {
    ...nodeFileSystem,
    write: (fd, bytes, offset, length) => {
      const some = isLog(fd) ? (faults.write?.(length) ?? length) : length;
      return nodeFileSystem.write(fd, bytes, offset, some);
    },
    read: (fd, target, offset, length, position) => {
      if (isLog(fd)) faults.read?.();
      return nodeFileSystem.read(fd, target, offset, length, position);
    },
    readInBackground: async (fd, target, offset, length, position) => {
      if (isLog(fd)) faults.read?.();
      return nodeFileSystem.readInBackground(fd, target, offset, length, position);
    },
    truncate: (fd, length) => {
      faults.truncate?.();
      nodeFileSystem.truncate(fd, length);
    },
    sync: (fd) => {
      faults.sync?.(pathOf(fd));
      nodeFileSystem.sync(fd);
    },
    syncInBackground: async (fd) => {
      faults.sync?.(pathOf(fd));
      await nodeFileSystem.syncInBackground(fd);
    },
    syncDataInBackground: async (fd) => {
      await faults.syncData?.();
      await nodeFileSystem.syncDataInBackground(fd);
    },
  };
}

function isLog(fd: number): boolean {
  return pathOf(fd).endsWith('/log.ndjson');
}

export function pathOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}
