// What the server counts of itself, for `/metrics`. Plain numbers: counting must cost nothing on the hot path. No room
// and no nick is ever a label.

/** Seconds; the upper bounds of the buckets. */
const BUCKETS = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1];

/** Observations by size, in seconds. */
export interface Distribution {
  readonly bounds: readonly number[];
  /** How many were at most as large as the bound, and larger than the one before it. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** Of whatever counts something beside this server's own counters. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly value: number | Distribution;
}

export class Histogram implements Distribution {
  readonly bounds = BUCKETS;
  readonly counts: number[] = BUCKETS.map(() => 0);
  count = 0;
  sum = 0;

  observe(seconds: number): void {
    this.count++;
    this.sum += seconds;
    for (let i = 0; i < BUCKETS.length; i++) {
      if (seconds > (BUCKETS[i] ?? 0)) continue;
      this.counts[i] = (this.counts[i] ?? 0) + 1;
      return;
    }
  }
}

/** How many connections were made to wait, and how many are waiting. */
export interface HeldBack {
  heldBack: number;
  heldBackNow: number;
}

export class Metrics {
  commands = 0;
  messages = 0;
  appendedBytes = 0;
  joins = 0;
  readonly refusals = new Map<string, number>();
  /** Lines that were not saved, by reason. */
  readonly notSaved = new Map<string, number>();
  /** Connections that were made to wait because their address was in debt, and those that are waiting. */
  readonly slowed: HeldBack = { heldBack: 0, heldBackNow: 0 };
  readonly slowedReplays: HeldBack = { heldBack: 0, heldBackNow: 0 };
  readonly appendSeconds = new Histogram();
  readonly fanOutSeconds = new Histogram();

  /** `reason`: the HTTP status of a refused upgrade, or the code of an error line. */
  refused(reason: string): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
  }

  /** `reason`: `address`, `room_size`, `data_size`, `free_space` or `failed`. */
  countNotSaved(lines: number, reason: string): void {
    this.notSaved.set(reason, (this.notSaved.get(reason) ?? 0) + lines);
  }
}
