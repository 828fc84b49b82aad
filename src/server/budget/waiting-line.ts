// Those who wait until a budget is out of debt: one after the other has its turn, first come, first served. One timer for
// all of them, so that many connections of one address cost no more than a few, and get no more.

import type { Clock, Timer } from '../common/clock.ts';

/** Who is let go on gets what has come together in so long, so that a turn is worth its while. */
const SLICE_MS = 50;
/** After one has had its turn the next is looked at in the next turn of the event loop. */
const NEXT_MS = 1;

export interface Waiter {
  /** It is this one's turn. It may come back into the line. */
  wake(): void;
}

export class WaitingLine {
  readonly #waiting = new Set<Waiter>();
  #timer: Timer | undefined;
  readonly #clock: Clock;
  readonly #debt: () => number;

  /** `debt` answers the milliseconds until the next may go on; 0: now. */
  constructor(clock: Clock, debt: () => number) {
    this.#clock = clock;
    this.#debt = debt;
  }

  get isOccupied(): boolean {
    return this.#waiting.size > 0;
  }

  join(waiter: Waiter): void {
    this.#waiting.add(waiter);
    this.#watch();
  }

  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter);
  }

  /** The debt has become less than it was. */
  lookAgain(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#watch();
  }

  #watch(): void {
    if (this.#timer !== undefined || this.#waiting.size === 0) return;
    const debt = this.#debt();
    this.#timer = this.#clock.after(debt === 0 ? NEXT_MS : Math.ceil(debt) + SLICE_MS, () => {
      this.#timer = undefined;
      if (this.#debt() === 0) this.#wakeFirst();
      this.#watch();
    });
  }

  #wakeFirst(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first.wake();
  }
}
