// A file system whose background syncs return only when a test lets them, so that what happens meanwhile can be seen.

import { fstatSync } from 'node:fs';
import { type FileSystem, nodeFileSystem } from '../../src/log/index.ts';

export class GatedSync {
  /** Bytes of the log that a returned sync covers. */
  covered = 0;
  syncs = 0;
  readonly #held: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  #isOpen = false;

  readonly fs: FileSystem = {
    ...nodeFileSystem,
    syncDataInBackground: async (fd) => {
      const { size } = fstatSync(fd);
      await nodeFileSystem.syncDataInBackground(fd);
      if (!this.#isOpen) {
        await new Promise<void>((resolve) => {
          this.#held.push(resolve);
          for (const wake of this.#waiting.splice(0)) wake();
        });
      }
      this.syncs += 1;
      this.covered = Math.max(this.covered, size);
    },
  };

  /** Resolves when a sync is held back, and answers how to let it return. */
  async next(): Promise<() => void> {
    while (this.#held.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const release = this.#held.shift();
    return release ?? (() => {});
  }

  /** From here on nothing is held back: for the end of a test. */
  open(): void {
    this.#isOpen = true;
    for (const release of this.#held.splice(0)) release();
  }
}
