// How long a client waits before it dials again: full jitter, so that everybody who was cut off together does not come
// back together. Never waits itself.

/** The first wait is 0 to 3 s: after a restart all clients are in their first. */
const FIRST_MS = 3000;
const MOST_MS = 30_000;

export class BackOff {
  readonly #random: () => number;
  #bound = FIRST_MS;

  /** `random` gives numbers from 0 up to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds to wait this time. */
  next(): number {
    const wait = Math.floor(this.#random() * this.#bound);
    this.#bound = Math.min(this.#bound * 2, MOST_MS);
    return wait;
  }

  reset(): void {
    this.#bound = FIRST_MS;
  }
}
