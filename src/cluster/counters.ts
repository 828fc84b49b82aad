// What a node counts of its part in the cluster, for whoever watches it. The shapes of the server's metrics, which this layer does
// not import. No room and no node is ever a label.

/** Seconds; the upper bounds of the buckets. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly value: number | Durations;
}

/** How long something took, by size. */
export class Durations {
  readonly bounds = BOUNDS;
  /** How many were at most as long as the bound, and longer than the one before it. */
  readonly counts: number[] = BOUNDS.map(() => 0);
  count = 0;
  sum = 0;

  observe(seconds: number): void {
    this.count++;
    this.sum += seconds;
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
  }
}

/** Of all rooms of a node. */
export class Counters {
  batches = 0;
  retries = 0;
  gaps = 0;
  fences = 0;
  voids = 0;
  /** From the sending of batches of this node until they were seen in their place. */
  readonly commits = new Durations();

  *metrics(): Iterable<Metric> {
    const commits = 'Time from the sending of a batch until it is seen in its place.';
    yield { name: 'roomchat_commit_seconds', type: 'histogram', help: commits, value: this.commits };
    yield counter('batches', 'Batches of lines applied, of all nodes.', this.batches);
    yield counter('retries', 'Batches sent again, or encoded anew because another was first.', this.retries);
    yield counter('gaps', 'Live batches before which something was missed, which was then fetched.', this.gaps);
    yield counter('fences', 'Fences applied, by which clients come or come back.', this.fences);
    yield counter('voids', 'Batches that were stored and do not count.', this.voids);
  }
}

function counter(name: string, help: string, value: number): Metric {
  return { name: `roomchat_cluster_${name}_total`, type: 'counter', help, value };
}

export function gauge(name: string, help: string, value: number): Metric {
  return { name: `roomchat_cluster_${name}`, type: 'gauge', help, value };
}
