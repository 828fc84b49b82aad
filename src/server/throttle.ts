// Slows down whoever guesses. After some wrong guesses within a minute the source must wait, twice as long each time.
// Right guesses never count. Kept by address, not by connection, so that reconnecting does not help.

import type { Clock } from './clock.ts';

const MINUTE_MS = 60_000;
const LONGEST_WAIT_MS = 15 * MINUTE_MS;
/** Bound on memory: the entries that were quiet the longest make room. */
const MOST_SOURCES = 10_000;

interface Source {
  wrong: number;
  since: number;
  wait: number;
  blockedUntil: number;
}

export class Throttle {
  /** The most recently wrong last. */
  private readonly sources = new Map<string, Source>();

  constructor(
    private readonly clock: Clock,
    /** Wrong guesses of one source within a minute before it must wait. */
    private readonly allowed: number,
  ) {}

  /** Milliseconds that this source must still wait; 0 if it may guess. */
  waitOf(source: string): number {
    const entry = this.sources.get(source);
    return entry === undefined ? 0 : Math.max(0, Math.ceil(entry.blockedUntil - this.clock.monotonic()));
  }

  wrong(source: string): void {
    const now = this.clock.monotonic();
    const entry = this.current(source, now);
    entry.wrong++;
    if (entry.wrong >= this.allowed) {
      entry.wait = Math.min(LONGEST_WAIT_MS, entry.wait === 0 ? MINUTE_MS : entry.wait * 2);
      entry.blockedUntil = now + entry.wait;
      entry.wrong = 0;
      entry.since = entry.blockedUntil;
    }
    this.sources.delete(source);
    this.sources.set(source, entry);
    if (this.sources.size > MOST_SOURCES) {
      const [oldest] = this.sources.keys();
      if (oldest !== undefined) this.sources.delete(oldest);
    }
  }

  private current(source: string, now: number): Source {
    const entry = this.sources.get(source);
    // Forgotten after as long a quiet time as the wait that it had.
    if (entry === undefined || now - entry.since > Math.max(MINUTE_MS, entry.wait * 2)) {
      return { wrong: 0, since: now, wait: 0, blockedUntil: 0 };
    }
    if (now - entry.since > MINUTE_MS) {
      entry.wrong = 0;
      entry.since = now;
    }
    return entry;
  }
}
