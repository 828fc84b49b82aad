// How many wrong guesses get through, at every moment; and that whoever guesses waits twice as long each time.

import { describe, expect, it } from 'vitest';
import { Throttle } from '../../../src/server/access/throttle.ts';
import type { Clock } from '../../../src/server/common/clock.ts';

const MINUTE = 60_000;
const EVE = [{ key: 'eve', share: 1 }];

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
    if (throttle.waitOf(EVE) > 0) continue;
    throttle.wrong(EVE);
    guesses.push(clock.at);
  }
  return guesses;
}

describe('a throttle', () => {
  it('lets as many guesses through as are allowed, and makes the next wait for a minute', () => {
    const clock = new HandClock();
    const throttle = new Throttle(clock, 3);
    for (let i = 0; i < 3; i++) {
      expect(throttle.waitOf(EVE)).toBe(0);
      throttle.wrong(EVE);
    }
    expect(throttle.waitOf(EVE)).toBe(MINUTE);
    expect(throttle.waitOf([{ key: 'ann', share: 1 }])).toBe(0);
    clock.at = MINUTE - 1;
    expect(throttle.waitOf(EVE)).toBe(1);
    clock.at = MINUTE;
    expect(throttle.waitOf(EVE)).toBe(0);
  });

  it('doubles the wait each time, up to 15 minutes, and forgets it after a quiet time', () => {
    const clock = new HandClock();
    const throttle = new Throttle(clock, 1);
    const waits = Array.from({ length: 6 }, () => {
      throttle.wrong(EVE);
      const wait = throttle.waitOf(EVE);
      clock.at += wait;
      return wait / MINUTE;
    });
    expect(waits).toEqual([1, 2, 4, 8, 15, 15]);
    clock.at += 31 * MINUTE;
    throttle.wrong(EVE);
    expect(throttle.waitOf(EVE)).toBe(MINUTE);
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
    throttle.wrong(EVE);
    clock.at = MINUTE - 1;
    for (let i = 0; i < 8; i++) throttle.wrong(EVE);
    clock.at = MINUTE + 1;
    throttle.wrong(EVE);
    expect(throttle.waitOf(EVE)).toBe(0);
    throttle.wrong(EVE);
    expect(throttle.waitOf(EVE)).toBe(MINUTE);
  });

  /** The `i`-th /64 of a /56 of a /48, as an address tells them. */
  const inside = (i: number) => [
    { key: `64 ${i}`, share: 1 },
    { key: `56 ${i >> 8}`, share: 4 },
    { key: '48', share: 16 },
  ];

  it('gives a network its share times as many guesses, from however many addresses', () => {
    const clock = new HandClock();
    const count = (address: (guess: number) => number): number => {
      const throttle = new Throttle(clock, 3);
      for (let guess = 0; ; guess++) {
        if (throttle.waitOf(inside(address(guess))) > 0) return guess;
        throttle.wrong(inside(address(guess)));
      }
    };
    expect(count(() => 0)).toBe(3);
    expect(count((guess) => guess & 255)).toBe(12);
    expect(count((guess) => guess * 256)).toBe(48);
  });

  it('suspects an address after one wrong guess, and a network after its share of them', () => {
    const throttle = new Throttle(new HandClock(), 100);
    for (let guess = 0; guess < 16; guess++) {
      expect(throttle.isSuspect(inside(1_000_000))).toBe(false);
      throttle.wrong(inside(guess * 256));
      expect(throttle.isSuspect(inside(guess * 256))).toBe(true);
    }
    expect(throttle.isSuspect(inside(1_000_000))).toBe(true);
    expect(throttle.isSuspect([{ key: 'ann', share: 1 }])).toBe(false);
  });

  it('does not forget who must wait for all who guess once', () => {
    const throttle = new Throttle(new HandClock(), 2);
    for (let i = 0; i < 2; i++) throttle.wrong(EVE);
    for (let i = 0; i < 20_000; i++) throttle.wrong([{ key: `fresh ${i}`, share: 1 }]);
    expect(throttle.waitOf(EVE)).toBe(MINUTE);
  });
});
