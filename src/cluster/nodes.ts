// The nodes of a cluster, as one of them hears of them: each says every two seconds that it is there. Three that are missed,
// and it is lost; for as long as this node is cut off itself, nobody is.

import type { NatsConnection } from '@nats-io/transport-node';

const EVERY_MS = 2_000;
const MISSED = 3;
/** Whoever is there has said so within this time of being asked. */
const MEET_MS = 300;

interface Beat {
  readonly node: string;
  /** Whether an admin watches there. */
  readonly watches: boolean;
}

export interface NodesOptions {
  readonly connection: NatsConnection;
  readonly subject: string;
  /** This node, and this run of it. */
  readonly self: string;
  lost(node: string): void;
  /** One that was not heard of before, or was lost. */
  found(node: string): void;
}

export class Nodes {
  /** Monotonic time at which each was heard of last. */
  readonly #heardAt = new Map<string, number>();
  readonly #watching = new Set<string>();
  readonly #options: NodesOptions;
  #timer: NodeJS.Timeout;
  #beatAt = performance.now();
  #isWatching = false;
  /** Set by whoever watches the connection. */
  #isConnected = true;

  constructor(options: NodesOptions) {
    this.#options = options;
    const { connection, subject, self } = options;
    connection.subscribe(subject, {
      callback: (_, message) => {
        const { node, watches } = message.json<Beat>();
        if (node === self) return;
        const isNew = !this.#heardAt.has(node);
        this.#heardAt.set(node, performance.now());
        if (watches) this.#watching.add(node);
        else this.#watching.delete(node);
        if (!isNew) return;
        options.found(node);
        // It does not have to wait for the next one.
        this.#tell();
      },
    });
    this.#timer = setInterval(() => this.#beat(), EVERY_MS);
    this.#beat();
  }

  /** Those that were heard of and not lost since. */
  get names(): Iterable<string> {
    return this.#heardAt.keys();
  }

  /** Whether an admin at another node watches. */
  get isWatched(): boolean {
    return this.#watching.size > 0;
  }

  /** Resolves when all that are there have been heard of. */
  met(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, MEET_MS));
  }

  /** Whether an admin watches here. */
  watch(isWatching: boolean): void {
    this.#isWatching = isWatching;
    this.#tell();
  }

  connected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    if (isConnected) for (const node of this.#heardAt.keys()) this.#heardAt.set(node, performance.now());
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const { connection, subject, self } = this.#options;
    if (connection.isClosed()) return;
    connection.publish(subject, JSON.stringify({ node: self, watches: this.#isWatching } satisfies Beat));
  }

  #beat(): void {
    const now = performance.now();
    // A node that stood still, or was cut off, has heard of nobody.
    const stoodStill = now - this.#beatAt > 2 * EVERY_MS;
    this.#beatAt = now;
    this.#tell();
    if (stoodStill || !this.#isConnected) {
      for (const node of this.#heardAt.keys()) this.#heardAt.set(node, now);
      return;
    }
    for (const [node, heardAt] of this.#heardAt) {
      if (now - heardAt <= MISSED * EVERY_MS) continue;
      this.#heardAt.delete(node);
      this.#watching.delete(node);
      this.#options.lost(node);
    }
  }
}
