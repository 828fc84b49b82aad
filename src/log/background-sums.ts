// Sums what was synced and has no sum yet, one log after the other, in the background.
// Must never take more than one of the pool's threads: syncing, reading and password hashing wait for the same ones.

export interface Summable {
  /** Sums the next piece; answers whether there is more. Never rejects. */
  sumOnce(): Promise<boolean>;
}

/** A log that was never summed is at most read at some 60 MiB a second, beside those who read it for their own sake. */
const PAUSE_MS = 4;

export class BackgroundSums {
  readonly #waiting = new Set<Summable>();
  readonly #bug: (error: unknown) => void;
  #working = false;

  /** `bug` is told what `sumOnce` should not have thrown. */
  constructor(bug: (error: unknown) => void) {
    this.#bug = bug;
  }

  add(log: Summable): void {
    this.#waiting.add(log);
    if (!this.#working) this.#work().catch(this.#bug);
  }

  /** For a log that is closed: it sums its last lines itself. */
  remove(log: Summable): void {
    this.#waiting.delete(log);
  }

  /** A piece of each in turn, so that a log of many gigabytes keeps nobody waiting. */
  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let [log] = this.#waiting; log !== undefined; [log] = this.#waiting) {
        this.#waiting.delete(log);
        if (!(await log.sumOnce())) continue;
        this.#waiting.add(log);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());
      }
    } finally {
      this.#working = false;
    }
  }
}
