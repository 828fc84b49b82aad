// A disk whose failed sync leaves the system believing what the disk does not have: the bytes can be read, the next sync
// succeeds, and they are gone once memory is. So Linux does it on most of its file systems.
import { fstatSync, readFileSync } from 'node:fs';
import { type FileSystem, nodeFileSystem } from '../../src/log/index.ts';
import { pathOf, systemError } from './failing-file-system.ts';

export class ForgetfulDisk {
  /** Whether syncs of logs fail. */
  failing = false;
  /** What is on the disk of each log, by its path, and what is to be written at the next sync. */
  readonly #kept = new Map<string, Buffer>();
  readonly #dirty = new Map<string, { from: number; to: number }[]>();

  readonly fs: FileSystem = {
    ...nodeFileSystem,
    write: (fd, bytes, offset, length) => {
      const from = fstatSync(fd).size;
      const count = nodeFileSystem.write(fd, bytes, offset, length);
      this.#wrote(fd, from, count);
      return count;
    },
    writeAt: (fd, bytes, offset, length, position) => {
      const count = nodeFileSystem.writeAt(fd, bytes, offset, length, position);
      this.#wrote(fd, position, count);
      return count;
    },
    syncInBackground: async (fd) => this.#sync(fd),
    syncDataInBackground: async (fd) => this.#sync(fd),
  };

  /** What a reader finds of a log once the system's memory is gone. */
  onDisk(path: string): string {
    return (this.#kept.get(path) ?? Buffer.alloc(0)).toString();
  }

  #wrote(fd: number, from: number, count: number): void {
    const path = pathOf(fd);
    this.#dirty.set(path, [...(this.#dirty.get(path) ?? []), { from, to: from + count }]);
  }

  #sync(fd: number): void {
    const path = pathOf(fd);
    if (!path.endsWith('log.ndjson')) return;
    const dirty = this.#dirty.get(path) ?? [];
    this.#dirty.delete(path);
    if (this.failing) throw systemError('EIO');
    const now = readFileSync(path);
    const kept = Buffer.alloc(Math.max(this.#kept.get(path)?.length ?? 0, ...dirty.map(({ to }) => to)));
    this.#kept.get(path)?.copy(kept);
    for (const { from, to } of dirty) now.copy(kept, from, from, to);
    this.#kept.set(path, kept);
  }
}
