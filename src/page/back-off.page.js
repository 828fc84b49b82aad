// How long a page waits before it dials again: full jitter, so that everybody who was cut off together does not come
// back together. Never waits itself.

/** After a restart all clients are in their first wait. */
const FIRST_MS = 3000;
const MOST_MS = 30_000;

export class BackOff {
  #bound = FIRST_MS;

  /** Milliseconds to wait this time. */
  next() {
    const wait = Math.random() * this.#bound;
    this.#bound = Math.min(this.#bound * 2, MOST_MS);
    return wait;
  }

  reset() {
    this.#bound = FIRST_MS;
  }
}
