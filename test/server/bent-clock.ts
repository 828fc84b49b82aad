// A clock that stands still until a test moves it, and whose wall time jumps when a test sets it.

import type { Clock, Timer } from '../../src/server/common/clock.ts';

export class BentClock implements Clock {
  #time = 1_000;
  #wall = 1_763_798_400_000;
  readonly #timers = new Set<{ readonly due: number; readonly run: () => void }>();
  /** What the sockets have for the server, which reads it before what waits for its input. */
  input: () => void = () => {};

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#time;
  }

  after(ms: number, run: () => void): Timer {
    const timer = { due: this.#time + ms, run };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  afterInput(run: () => void): void {
    this.input();
    run();
  }

  /** The server stands still for so long; then everything that fell due meanwhile runs. */
  stall(ms: number): void {
    this.#time += ms;
    this.#wall += ms;
    this.advance(0);
  }

  /** Somebody sets the machine's time. No wait may notice. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  /** Runs what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#wall += Math.max(0, next.due - this.#time);
      this.#time = Math.max(this.#time, next.due);
      next.run();
    }
    this.#wall += end - this.#time;
    this.#time = end;
  }
}
