// A real file system that remembers what was synced of it, so that a test can have what a power loss would leave.
// It is stricter than disks are: of what was not synced, nothing is left; neither bytes nor names.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FileSystem, nodeFileSystem } from '../../src/log/index.ts';
import { pathOf } from './failing-file-system.ts';

type Entry = { readonly name: string; readonly inode: number; readonly isFolder: boolean };

export class PowerLoss {
  /** By inode: a file's bytes, and a folder's names, at its last sync. */
  readonly #files = new Map<number, Buffer>();
  readonly #folders = new Map<number, Entry[]>();

  readonly fs: FileSystem = {
    ...nodeFileSystem,
    open: (path, flags, mode) => {
      const fd = nodeFileSystem.open(path, flags, mode);
      // A new file may have the inode of one that was removed.
      const { size, ino, mtimeMs, birthtimeMs } = statSync(path);
      if (size === 0 && mtimeMs === birthtimeMs) this.#files.delete(ino);
      return fd;
    },
    sync: (fd) => {
      nodeFileSystem.sync(fd);
      this.#remember(pathOf(fd), statSync(pathOf(fd)).ino);
    },
    syncInBackground: async (fd) => {
      const path = pathOf(fd);
      const { ino } = statSync(path);
      // What changes while the sync runs is not covered.
      const before = this.#contentOf(path);
      await nodeFileSystem.syncInBackground(fd);
      this.#set(ino, before);
    },
    syncDataInBackground: async (fd) => {
      const path = pathOf(fd);
      const { ino } = statSync(path);
      // What is written while the sync runs is not covered.
      const content = readFileSync(path);
      await nodeFileSystem.syncDataInBackground(fd);
      this.#files.set(ino, content);
    },
  };

  #remember(path: string, inode: number): void {
    this.#set(inode, this.#contentOf(path));
  }

  #contentOf(path: string): Buffer | Entry[] {
    if (!statSync(path).isDirectory()) return readFileSync(path);
    return readdirSync(path).map((name) => {
      const status = statSync(join(path, name));
      return { name, inode: status.ino, isFolder: status.isDirectory() };
    });
  }

  #set(inode: number, content: Buffer | Entry[]): void {
    if (Buffer.isBuffer(content)) this.#files.set(inode, content);
    else this.#folders.set(inode, content);
  }

  /** What was last synced of a file. */
  synced(path: string): Buffer | undefined {
    return this.#files.get(statSync(path).ino);
  }

  /** Takes all of a folder as synced: what a machine starts with is on its disk. */
  adopt(path: string): void {
    const { ino } = statSync(path);
    this.#remember(path, ino);
    for (const { name } of this.#folders.get(ino) ?? []) this.adopt(join(path, name));
  }

  /** Writes what is left of the folder `from` to a new folder `to`. */
  leave(from: string, to: string): void {
    this.#leaveFolder(statSync(from).ino, to);
  }

  #leaveFolder(inode: number, to: string): void {
    mkdirSync(to, { mode: 0o700 });
    for (const entry of this.#folders.get(inode) ?? []) {
      const path = join(to, entry.name);
      if (entry.isFolder) this.#leaveFolder(entry.inode, path);
      else writeFileSync(path, this.#files.get(entry.inode) ?? '', { mode: 0o600 });
    }
  }
}
