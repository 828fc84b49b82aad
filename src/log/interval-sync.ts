// Syncs the logs that were appended to, once a second, in the background.
// Must never take more than a few of the pool's threads: password hashing and reading wait for the same ones.

export interface Syncable {
  /** Syncs what was appended so far; never rejects. */
  syncOnce(): Promise<void>;
}

const INTERVAL_MS = 1000;
const AT_ONCE = 2;

export class IntervalSync {
  #dirty = new Set<Syncable>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  add(log: Syncable): void {
    this.#dirty.add(log);
    this.#schedule();
  }

  /** For a log that is closed: it syncs itself. */
  remove(log: Syncable): void {
    this.#dirty.delete(log);
  }

  /** Stops for good, once the round under way is over. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#dirty.clear();
    await this.#round;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#round !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#round = this.#run();
    }, INTERVAL_MS).unref();
  }

  async #run(): Promise<void> {
    const round = this.#dirty;
    this.#dirty = new Set();
    // The workers share one iterator, so that each log is taken once.
    const logs = round.values();
    const work = async () => {
      for (const log of logs) await log.syncOnce();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    this.#round = undefined;
    if (this.#dirty.size > 0) this.#schedule();
  }
}
