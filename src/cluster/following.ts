// How a node learns of a room's messages: by the live feed as they are stored, and where that has missed some, from the stream. Each
// is applied once, in the stream's order.

import type { BatchMessage } from './batch-message.ts';
import type { Bell } from './bell.ts';
import type { Counters } from './counters.ts';
import type { Engine } from './engine.ts';

/** Silence of the live feed, after which the end is looked for: it tells of nothing that it missed. */
const SILENCE_MS = 5_000;
const MOST_RETRY_MS = 1_000;

export interface FollowingOptions {
  readonly engine: Pick<Engine, 'read' | 'next'>;
  readonly stream: string;
  readonly subject: string;
  readonly counters: Counters;
  /** Rings whenever a message was applied. */
  readonly applied: Bell;
  /** Stream sequence of the last message that was applied. */
  seen(): number;
  /** The message behind it. */
  apply(message: BatchMessage): void;
  /** All that was missed is applied, or it is not known. */
  caughtUp(): void;
}

export class Following {
  /** There is more of the room than was seen, or may be. */
  isBehind = true;
  readonly #options: FollowingOptions;
  /** Live messages beyond a gap, by their stream sequence. */
  readonly #aside = new Map<number, BatchMessage>();
  #catchingUp: Promise<void> | undefined;
  /** Monotonic time at which the room was last heard of, or its end was found. */
  #heardAt = performance.now();
  #isClosed = false;

  constructor(options: FollowingOptions) {
    this.#options = options;
  }

  get hasGap(): boolean {
    return this.#aside.size > 0;
  }

  get isCatchingUp(): boolean {
    return this.#catchingUp !== undefined;
  }

  /** A message of the live feed; `before` is the room's message before it. */
  live(message: BatchMessage, before: number): void {
    if (this.#isClosed) return;
    this.#heardAt = performance.now();
    const seen = this.#options.seen();
    if (message.sequence <= seen) return;
    if (before > seen) {
      this.#aside.set(message.sequence, message);
      this.#options.counters.gaps++;
      this.catchUpOnce().catch(() => {});
      return;
    }
    this.#options.apply(message);
    this.#applyAside();
  }

  /** Reads on to where the room ends, as the leader has it. Rejects where NATS does not answer. */
  catchUpOnce(): Promise<void> {
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = undefined;
      this.#options.caughtUp();
    });
    return this.#catchingUp;
  }

  /** The same, until NATS answers or it is closed. */
  async catchUp(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.catchUpOnce();
        return;
      } catch {
        await this.#options.applied.wait(MOST_RETRY_MS);
      }
    }
  }

  /** To be called every second. */
  look(): void {
    const now = performance.now();
    if (now - this.#heardAt < SILENCE_MS || this.isCatchingUp) return;
    this.#heardAt = now;
    this.catchUpOnce().catch(() => {});
  }

  close(): void {
    this.#isClosed = true;
  }

  async #catchUp(): Promise<void> {
    const { engine, stream, subject, seen, apply } = this.#options;
    for (;;) {
      const next = await engine.next(stream, subject, seen());
      if (next === undefined || this.#isClosed) break;
      this.isBehind = true;
      await engine.read(stream, subject, seen(), (message) => {
        if (message.sequence > seen() && !this.#isClosed) apply(message);
      });
      this.#applyAside();
    }
    this.isBehind = false;
    this.#heardAt = performance.now();
  }

  #applyAside(): void {
    for (const [sequence, message] of [...this.#aside].sort(([a], [b]) => a - b)) {
      if (sequence > this.#options.seen()) {
        if (message.after > this.#options.seen()) return;
        this.#options.apply(message);
      }
      this.#aside.delete(sequence);
    }
  }
}
