// Slows down whoever guesses. After some wrong guesses within a minute the source must wait, twice as long each time.
// Right guesses never count. Kept by address, not by connection, so that reconnecting does not help.

import type { Clock } from './clock.ts';

const MINUTE_MS = 60_000;
const LONGEST_WAIT_MS = 15 * MINUTE_MS;
/** Bound on memory: the entries that were quiet the longest make room. */
const MOST_SOURCES = 10_000;

interface Source {
  /** When the wrong guesses of the last minute were made; never more than are allowed. */
  wrongAt: number[];
  /** The last wait that it was given, 0 for none yet. */
  wait: number;
  blockedUntil: number;
}

export class Throttle {
  /** The most recently wrong last. */
  private readonly sources = new Map<string, Source>();

  constructor(
    private readonly clock: Clock,
    /** Wrong guesses of one source within any minute before it must wait. */
    private readonly allowed: number,
  ) {}

  /** Milliseconds that this source must still wait; 0 if it may guess. */
  waitOf(source: string): number {
    const entry = this.sources.get(source);
    return entry === undefined ? 0 : Math.max(0, Math.ceil(entry.blockedUntil - this.clock.monotonic()));
  }

  /** Whether this source has guessed wrong within a minute, or has a wait that is not yet forgotten. */
  isSuspect(source: string): boolean {
    const { wrongAt, wait } = this.current(source, this.clock.monotonic());
    return wrongAt.length > 0 || wait > 0;
  }

  wrong(source: string): void {
    const now = this.clock.monotonic();
    const entry = this.current(source, now);
    entry.wrongAt.push(now);
    if (entry.wrongAt.length >= this.allowed) {
      entry.wait = Math.min(LONGEST_WAIT_MS, entry.wait === 0 ? MINUTE_MS : entry.wait * 2);
      entry.blockedUntil = now + entry.wait;
      entry.wrongAt = [];
    }
    this.sources.delete(source);
    this.sources.set(source, entry);
    if (this.sources.size > MOST_SOURCES) {
      const [oldest] = this.sources.keys();
      if (oldest !== undefined) this.sources.delete(oldest);
    }
  }

  private current(source: string, now: number): Source {
    const entry = this.sources.get(source) ?? { wrongAt: [], wait: 0, blockedUntil: 0 };
    // A window that slides: one with fixed ends lets twice as many through around an end.
    entry.wrongAt = entry.wrongAt.filter((at) => now - at < MINUTE_MS);
    // A wait is forgotten after twice as long a quiet time.
    if (now - entry.blockedUntil > Math.max(MINUTE_MS, entry.wait * 2)) entry.wait = 0;
    return entry;
  }
}
