// How often the members of a room are told of comings and goings: at most once in 100 ms, and more seldom where so many are
// to be told, in this room or in all of them, that the telling itself would take the server's time. Knows no rooms.

import type { Clock } from '../common/clock.ts';

const WINDOW_MS = 100;
/** How many may be told in a millisecond, on average. Each is a write, of which a small machine makes fifty in that time. */
const TOLD_A_MS = 2;

/** What all rooms together have told, as a bucket that runs out at the rate at which they may. */
export class Pace {
  #told = 0;
  /** Monotonic time, in milliseconds. */
  #at = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** So many members are told something. Answers for how many milliseconds the room then collects what is to be told next. */
  tell(members: number): number {
    const now = this.#clock.monotonic();
    this.#told = Math.max(0, this.#told - (now - this.#at) * TOLD_A_MS) + members;
    this.#at = now;
    return Math.max(WINDOW_MS, this.#told / TOLD_A_MS);
  }
}
