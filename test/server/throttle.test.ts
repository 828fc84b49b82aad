// How many wrong guesses get through, at every moment; and that whoever guesses waits twice as long each time.

import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/server/clock.ts';
import { Throttle } from '../../src/server/throttle.ts';

const MINUTE = 60_000;

class HandClock implements Clock {
  at = 0;
  now = (): number => this.at;
  monotonic = (): number => this.at;
  after = (): { cancel(): void } => ({ cancel() {} });
  afterInput = (): void => {};
}

/** Guesses wrong as often as it may, once in so many milliseconds. The moments at which it might. */
function guessAllTheTime(clock: HandClock, throttle: Throttle, milliseconds: number, every: number): number[] {
  const guesses: number[] = [];
  for (const end = clock.at + milliseconds; clock.at < end; clock.at += every) {
    if (throttle.waitOf('eve') > 0) continue;
    throttle.wrong('eve');
    guesses.push(clock.at);
  }
  return guesses;
}

describe('a throttle', () => {
  it('lets as many guesses through as are allowed, and makes the next wait for a minute', () => {
    const clock = new HandClock();
    const throttle = new Throttle(clock, 3);
    for (let i = 0; i < 3; i++) {
      expect(throttle.waitOf('eve')).toBe(0);
      throttle.wrong('eve');
    }
    expect(throttle.waitOf('eve')).toBe(MINUTE);
    expect(throttle.waitOf('ann')).toBe(0);
    clock.at = MINUTE - 1;
    expect(throttle.waitOf('eve')).toBe(1);
    clock.at = MINUTE;
    expect(throttle.waitOf('eve')).toBe(0);
  });

  it('doubles the wait each time, up to 15 minutes, and forgets it after a quiet time', () => {
    const clock = new HandClock();
    const throttle = new Throttle(clock, 1);
    const waits = Array.from({ length: 6 }, () => {
      throttle.wrong('eve');
      const wait = throttle.waitOf('eve');
      clock.at += wait;
      return wait / MINUTE;
    });
    expect(waits).toEqual([1, 2, 4, 8, 15, 15]);
    clock.at += 31 * MINUTE;
    throttle.wrong('eve');
    expect(throttle.waitOf('eve')).toBe(MINUTE);
  });

  it.each([7, 1_000, 5_990, 19_999, 20_000])(
    'never lets more through in any minute, with a guess every %i ms',
    (every) => {
      const clock = new HandClock();
      const guesses = guessAllTheTime(clock, new Throttle(clock, 10), 20 * MINUTE, every);
      for (const [index, at] of guesses.entries()) {
        const within = guesses.slice(index).filter((other) => other - at < MINUTE);
        expect(within.length).toBeLessThanOrEqual(10);
      }
    },
  );

  it('has no end of a window around which twice as many get through', () => {
    const clock = new HandClock();
    const throttle = new Throttle(clock, 10);
    throttle.wrong('eve');
    clock.at = MINUTE - 1;
    for (let i = 0; i < 8; i++) throttle.wrong('eve');
    clock.at = MINUTE + 1;
    throttle.wrong('eve');
    expect(throttle.waitOf('eve')).toBe(0);
    throttle.wrong('eve');
    expect(throttle.waitOf('eve')).toBe(MINUTE);
  });
});
