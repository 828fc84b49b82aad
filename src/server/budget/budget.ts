// What an address may use of something that costs the server: a bucket for each of the networks it lies in, which fills
// with time. Work is charged when it comes, so a bucket may go into debt; nothing is let through until that is paid off.
// Never forgets a bucket that somebody connected draws on, nor one in debt before one that is full.

import type { Scope } from '../addresses/address.ts';
import type { Clock } from '../common/clock.ts';
import { WaitingLine } from './waiting-line.ts';

/** Buckets that are not full and that nobody connected draws on: a bound on memory. */
const MOST_IDLE = 10_000;
/** What is left of them when there are more. */
const KEPT_IDLE = 9_000;
/** What adding up fractions of milliseconds may be off by. */
const ROUNDING_MS = 0.001;

export interface BudgetOptions {
  /** Units that one address gets in a second, and the most that it can have. */
  readonly perSecond: number;
  readonly burst: number;
  /** Seconds that a debt takes to pay off at the most, however much was charged. Without it there is no such bound. */
  readonly longestDebt?: number;
}

export class Budget {
  readonly #used = new Map<string, Bucket>();
  readonly #idle = new Map<string, Bucket>();
  readonly #clock: Clock;
  readonly #options: BudgetOptions;

  constructor(clock: Clock, options: BudgetOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** The purse of an address; whoever opens it closes it. */
  open(scopes: readonly Scope[]): Purse {
    return new Purse(
      this.#clock,
      scopes.map((scope) => this.#bucket(scope)),
    );
  }

  close(purse: Purse): void {
    const now = this.#clock.monotonic();
    for (const bucket of purse.buckets) {
      bucket.users--;
      if (bucket.users > 0) continue;
      this.#used.delete(bucket.key);
      if (!bucket.isFull(now)) this.#idle.set(bucket.key, bucket);
    }
    if (this.#idle.size > MOST_IDLE) this.#forgetSome(now);
  }

  #bucket({ key, share }: Scope): Bucket {
    let bucket = this.#used.get(key);
    if (bucket === undefined) {
      bucket = this.#idle.get(key) ?? new Bucket(key, share, this.#clock, this.#options);
      this.#idle.delete(key);
      this.#used.set(key, bucket);
    }
    bucket.users++;
    return bucket;
  }

  /** The full ones, and where that does not do, those that are full the soonest. Rare: many come and go between two. */
  #forgetSome(now: number): void {
    for (const bucket of this.#idle.values()) if (bucket.isFull(now)) this.#idle.delete(bucket.key);
    if (this.#idle.size <= KEPT_IDLE) return;
    const soonest = [...this.#idle.values()].sort((a, b) => a.fullAt - b.fullAt);
    for (const { key } of soonest.slice(0, this.#idle.size - KEPT_IDLE)) this.#idle.delete(key);
  }
}

/** One network's units. All of its state is the moment at which it is full: what it has now follows from that. */
export class Bucket {
  users = 0;
  /** Monotonic milliseconds. */
  fullAt = Number.NEGATIVE_INFINITY;
  #waitingLine: WaitingLine | undefined;
  readonly #msPerUnit: number;
  /** Milliseconds that an empty one takes to fill, and the furthest that `fullAt` can be away. */
  readonly #fillMs: number;
  readonly #mostMs: number;
  readonly key: string;
  readonly #clock: Clock;

  constructor(
    key: string,
    share: number,
    clock: Clock,
    { perSecond, burst, longestDebt = Number.POSITIVE_INFINITY }: BudgetOptions,
  ) {
    this.key = key;
    this.#clock = clock;
    this.#msPerUnit = 1000 / (perSecond * share);
    this.#fillMs = (burst * 1000) / perSecond;
    this.#mostMs = this.#fillMs + longestDebt * 1000;
  }

  /** Those who wait until it is out of debt. */
  get line(): WaitingLine {
    this.#waitingLine ??= new WaitingLine(this.#clock, () => this.debt(this.#clock.monotonic()));
    return this.#waitingLine;
  }

  get isWaitedFor(): boolean {
    return this.#waitingLine?.isOccupied ?? false;
  }

  /** Takes units, whether it has them or not. */
  charge(units: number, now: number): void {
    const from = Math.max(this.fullAt, now);
    this.fullAt = Math.min(from + units * this.#msPerUnit, now + this.#mostMs);
  }

  /** Gives back units that were taken. */
  refund(units: number): void {
    this.fullAt -= units * this.#msPerUnit;
    this.#waitingLine?.lookAgain();
  }

  /** Milliseconds until it is out of debt; 0: it is not in debt. */
  debt(now: number): number {
    return this.lacks(0, now);
  }

  /** Milliseconds until it has so many units. */
  lacks(units: number, now: number): number {
    const milliseconds = this.fullAt + units * this.#msPerUnit - this.#fillMs - now;
    return milliseconds > ROUNDING_MS ? milliseconds : 0;
  }

  isFull(now: number): boolean {
    return this.fullAt <= now;
  }
}

/** What one address has of a budget: the buckets of all networks it lies in. */
export class Purse {
  readonly #clock: Clock;
  readonly buckets: readonly Bucket[];

  constructor(clock: Clock, buckets: readonly Bucket[]) {
    this.#clock = clock;
    this.buckets = buckets;
  }

  charge(units: number): void {
    const now = this.#clock.monotonic();
    for (const bucket of this.buckets) bucket.charge(units, now);
  }

  /** Gives back what was charged and not used. */
  refund(units: number): void {
    for (const bucket of this.buckets) bucket.refund(units);
  }

  /** Milliseconds until it has so many units; 0: it has them. */
  lacks(units: number): number {
    const now = this.#clock.monotonic();
    let wait = 0;
    for (const bucket of this.buckets) wait = Math.max(wait, bucket.lacks(units, now));
    return Math.ceil(wait);
  }

  /**
   * The line that one has to wait in: that of a bucket in debt, or of one that others wait for, unless it is one's turn
   * (`hasTurn`). Undefined where nothing is in the way.
   */
  lineFor(hasTurn: boolean): WaitingLine | undefined {
    const now = this.#clock.monotonic();
    for (const bucket of this.buckets) {
      if (bucket.debt(now) > 0 || (!hasTurn && bucket.isWaitedFor)) return bucket.line;
    }
    return undefined;
  }
}
