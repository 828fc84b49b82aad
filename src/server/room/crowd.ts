// Keeps a rush at the door from flooding a room: the first 20 joins and departures of those that are told together, and
// within 100 ms, are told one by one, those beyond them as one `crowd` line at the end of that time.

import type { Clock } from '../common/clock.ts';

const WINDOW_MS = 100;
const TOLD_SINGLY = 20;

export class Crowd {
  #windowEnd = Number.NEGATIVE_INFINITY;
  #told = 0;
  #joined = 0;
  #left = 0;
  readonly #clock: Clock;
  readonly #collectsUntil: () => number;
  readonly #tell: (joined: number, left: number) => void;

  /** `collectsUntil`: monotonic time until which nothing is told yet. `tell` is called at the end of a window that had more than 20. */
  constructor(clock: Clock, collectsUntil: () => number, tell: (joined: number, left: number) => void) {
    this.#clock = clock;
    this.#collectsUntil = collectsUntil;
    this.#tell = tell;
  }

  /** Whether this event is told by a line of its own; if not, it is counted for the crowd line. */
  admits(event: 'joined' | 'left'): boolean {
    const now = this.#clock.monotonic();
    if (now >= this.#windowEnd) {
      this.#windowEnd = Math.max(now + WINDOW_MS, this.#collectsUntil());
      this.#told = 0;
    }
    if (this.#told < TOLD_SINGLY) {
      this.#told++;
      return true;
    }
    if (this.#joined + this.#left === 0) this.#clock.after(this.#windowEnd - now, () => this.#finish());
    if (event === 'joined') this.#joined++;
    else this.#left++;
    return false;
  }

  #finish(): void {
    const joined = this.#joined;
    const left = this.#left;
    this.#joined = 0;
    this.#left = 0;
    this.#tell(joined, left);
  }
}
