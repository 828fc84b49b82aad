// How many pings and pongs a peer may send: a bucket of tokens that fills with time. Never waits by itself.

/** So many may come at once: honest peers sometimes ping in bursts. */
const BURST = 100;

export class ControlRate {
  readonly #perSecond: number;
  #tokens = BURST;
  /** Milliseconds, as performance.now() gives them. */
  #filledAt = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Counts one frame; gives the milliseconds to wait before the next is read, 0 for none. */
  count(now: number): number {
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond);
    this.#filledAt = now;
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1000);
  }
}
