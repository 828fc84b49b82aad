// The nodes of a cluster, as one of them hears of them: each says every two seconds that it is there. Three that are missed,
// and it is lost; for as long as this node is cut off itself, nobody is.

import type { NatsConnection } from '@nats-io/transport-node';

const EVERY_MS = 2_000;
const MISSED = 3;

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
  readonly #options: NodesOptions;
  #timer: NodeJS.Timeout;
  #beatAt = performance.now();

  constructor(options: NodesOptions) {
    this.#options = options;
    const { connection, subject, self } = options;
    connection.subscribe(subject, {
      callback: (_, message) => {
        const node = message.string();
        if (node === self) return;
        const isNew = !this.#heardAt.has(node);
        this.#heardAt.set(node, performance.now());
        if (isNew) options.found(node);
      },
    });
    this.#timer = setInterval(() => this.#beat(), EVERY_MS);
    this.#beat();
  }

  get names(): Iterable<string> {
    return this.#heardAt.keys();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const { connection, subject, self, lost } = this.#options;
    const now = performance.now();
    // A node that stood still, or was cut off, has heard of nobody.
    const stoodStill = now - this.#beatAt > 2 * EVERY_MS;
    this.#beatAt = now;
    if (connection.isClosed()) return;
    connection.publish(subject, self);
    if (stoodStill || !this.#isConnected) {
      for (const node of this.#heardAt.keys()) this.#heardAt.set(node, now);
      return;
    }
    for (const [node, heardAt] of this.#heardAt) {
      if (now - heardAt <= MISSED * EVERY_MS) continue;
      this.#heardAt.delete(node);
      lost(node);
    }
  }

  /** Set by whoever watches the connection. */
  #isConnected = true;

  connected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    if (isConnected) for (const node of this.#heardAt.keys()) this.#heardAt.set(node, performance.now());
  }
}
