// An open file that several background calls may be using when it is closed.
// Must never close the descriptor under a call: its number could by then belong to another file.
import type { FileSystem } from './file-system.ts';

export class SharedDescriptor {
  readonly fd: number;
  readonly #fs: FileSystem;
  #users = 0;
  #whenUnused: (() => void) | undefined;

  constructor(fs: FileSystem, fd: number) {
    this.#fs = fs;
    this.fd = fd;
  }

  async use<T>(work: (fd: number) => Promise<T>): Promise<T> {
    this.take();
    try {
      return await work(this.fd);
    } finally {
      this.release();
    }
  }

  /** The first half of `use`, for where a replay would feel a promise more. */
  take(): void {
    this.#users += 1;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#whenUnused?.();
  }

  /** Closes the file once nothing uses it, and tells then. To be called once; nothing may use it after. Never throws. */
  close(onClosed: () => void = () => {}): void {
    const closeNow = () => {
      try {
        this.#fs.close(this.fd);
      } catch {
        // The descriptor is gone all the same, and bytes that could not be written are for the syncs to find.
      }
      onClosed();
    };
    if (this.#users === 0) closeNow();
    else this.#whenUnused = closeNow;
  }
}
