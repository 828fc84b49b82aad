// The logs with lines that are not synced yet: syncs the oldest first, once a second, and says which are late.
// Must never wait for one log with both of its hands: a file whose sync hangs must not keep the others from theirs.

export interface UnsyncedLog {
  /** When its oldest unsynced line was appended, in milliseconds of performance.now(). */
  readonly unsyncedSince: number | undefined;
  readonly isSyncing: boolean;
  /** Syncs what was appended so far; never rejects. */
  syncOnce(): Promise<void>;
  /** Its oldest unsynced line is older than it should be. */
  becomeLate(): void;
}

const BEAT_MS = 250;
/** A round of syncs begins once a second, whether the one before is over or not. */
const BEATS_A_ROUND = 4;
/** A line waits for the next round up to a second, and for the syncs before its own. */
const LATE_MS = 1_500;
const AT_ONCE = 2;

export class UnsyncedLogs {
  readonly #logs = new Set<UnsyncedLog>();
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;
  #round: Iterator<UnsyncedLog> = [].values();
  #workers = 0;

  add(log: UnsyncedLog): void {
    this.#logs.add(log);
    this.#timer ??= setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  /** For one that is synced, or that is closed and syncs itself. */
  remove(log: UnsyncedLog): void {
    this.#logs.delete(log);
  }

  /** Milliseconds since the oldest unsynced line was appended, 0 where there is none. */
  get oldestAge(): number {
    const now = performance.now();
    let oldest = now;
    for (const { unsyncedSince = now } of this.#logs) oldest = Math.min(oldest, unsyncedSince);
    return now - oldest;
  }

  /** Stops for good. */
  close(): void {
    clearInterval(this.#timer);
    this.#logs.clear();
  }

  #beat(): void {
    const late = performance.now() - LATE_MS;
    for (const log of this.#logs) if (since(log) < late) log.becomeLate();
    this.#beats += 1;
    if (this.#beats % BEATS_A_ROUND === 0) this.#beginRound();
    if (this.#logs.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#beats = 0;
  }

  /** What is left of the round before is in the new one, at its front. */
  #beginRound(): void {
    this.#round = [...this.#logs].sort((a, b) => since(a) - since(b)).values();
    while (this.#workers < AT_ONCE) this.#startWorker();
  }

  #startWorker(): void {
    this.#workers += 1;
    const ends = () => {
      this.#workers -= 1;
    };
    this.#work().then(ends, ends);
  }

  async #work(): Promise<void> {
    for (let next = this.#round.next(); next.done !== true; next = this.#round.next()) {
      const log = next.value;
      if (this.#logs.has(log) && !log.isSyncing) await log.syncOnce();
    }
  }
}

function since(log: UnsyncedLog): number {
  return log.unsyncedSince ?? Number.POSITIVE_INFINITY;
}
