// A clock that stands still until a test moves it.

import type { Clock } from '../../src/client/index.ts';

export class ManualClock implements Clock {
  private now = 0;
  private timers: { readonly due: number; readonly run: () => void }[] = [];

  after(ms: number, run: () => void) {
    const timer = { due: this.now + ms, run };
    this.timers.push(timer);
    return {
      cancel: () => {
        this.timers = this.timers.filter((other) => other !== timer);
      },
    };
  }

  soon(run: () => void): void {
    setImmediate(run);
  }

  get waiting(): number {
    return this.timers.length;
  }

  /** Runs what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.now = next.due;
      this.timers = this.timers.filter((timer) => timer !== next);
      next.run();
    }
    this.now = end;
  }
}
