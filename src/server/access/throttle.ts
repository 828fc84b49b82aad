// Slows down whoever guesses. After some wrong guesses within a minute the source must wait, twice as long each time.
// Right guesses never count. Kept by address and by the networks that it lies in, not by connection, so that neither
// reconnecting helps nor having many addresses.

import type { Scope } from '../addresses/address.ts';
import type { Clock } from '../common/clock.ts';
import { keepLast } from '../common/recent.ts';

const MINUTE_MS = 60_000;
const LONGEST_WAIT_MS = 15 * MINUTE_MS;
/** Bounds on memory: of those that must wait, and of those that need not, whoever was wrong the longest ago makes room. */
const MOST_WAITING = 10_000;
const MOST_WATCHED = 10_000;

interface Source {
  /** When the wrong guesses of the last minute were made; never more than are allowed. */
  wrongAt: number[];
  /** The last wait that it was given, 0 for none yet. */
  wait: number;
  blockedUntil: number;
}

export class Throttle {
  // Two, each with the most recently wrong last: whoever guesses once from each of many addresses must not flush the
  // waits that others were given.
  readonly #waiting = new Map<string, Source>();
  readonly #watched = new Map<string, Source>();
  readonly #clock: Clock;
  /** Wrong guesses of one address within any minute before it must wait; a network has its share times as many. */
  readonly #allowed: number;

  constructor(clock: Clock, allowed: number) {
    this.#clock = clock;
    this.#allowed = allowed;
  }

  /** Milliseconds that somebody in these scopes must still wait; 0 for whoever may guess. */
  waitOf(scopes: readonly Scope[]): number {
    const now = this.#clock.monotonic();
    return Math.max(0, ...scopes.map(({ key }) => Math.ceil((this.#waiting.get(key)?.blockedUntil ?? now) - now)));
  }

  /** Whether one of the scopes has guessed wrong within a minute, or has a wait that is not yet forgotten. */
  isSuspect(scopes: readonly Scope[]): boolean {
    const now = this.#clock.monotonic();
    return scopes.some(({ key, share }) => {
      const { wrongAt, wait } = this.#current(key, now);
      return wrongAt.length >= share || wait > 0;
    });
  }

  wrong(scopes: readonly Scope[]): void {
    const now = this.#clock.monotonic();
    for (const { key, share } of scopes) {
      const entry = this.#current(key, now);
      entry.wrongAt.push(now);
      if (entry.wrongAt.length >= this.#allowed * share) {
        entry.wait = Math.min(LONGEST_WAIT_MS, entry.wait === 0 ? MINUTE_MS : entry.wait * 2);
        entry.blockedUntil = now + entry.wait;
        entry.wrongAt = [];
      }
      this.#waiting.delete(key);
      this.#watched.delete(key);
      if (entry.wait > 0) keepLast(this.#waiting, key, entry, MOST_WAITING);
      else keepLast(this.#watched, key, entry, MOST_WATCHED);
    }
  }

  #current(source: string, now: number): Source {
    const known = this.#waiting.get(source) ?? this.#watched.get(source);
    const entry = known ?? { wrongAt: [], wait: 0, blockedUntil: 0 };
    // A window that slides: one with fixed ends lets twice as many through around an end.
    entry.wrongAt = entry.wrongAt.filter((at) => now - at < MINUTE_MS);
    // A wait is forgotten after twice as long a quiet time.
    if (now - entry.blockedUntil > Math.max(MINUTE_MS, entry.wait * 2)) entry.wait = 0;
    return entry;
  }
}
