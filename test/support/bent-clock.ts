// The server's clock under a test's hand: it stands still until the test moves it, and its wall clock may jump alone.

import type { Clock, Timer } from '../../src/server/common/clock.ts';

interface Waiting {
  readonly due: number;
  readonly run: () => void;
}

export class BentClock implements Clock {
  #elapsed = 0;
  #wall = 1_763_798_400_000;
  readonly #timers = new Set<Waiting>();

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, run: () => void): Timer {
    const timer = { due: this.#elapsed + ms, run };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  afterInput(run: () => void): void {
    run();
  }

  /** Somebody sets the time. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  /** Time passes; what falls due on the way runs, in order. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#wall += next.due - this.#elapsed;
      this.#elapsed = next.due;
      next.run();
    }
    this.#wall += end - this.#elapsed;
    this.#elapsed = end;
  }
}
