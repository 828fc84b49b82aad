// A small table that all nodes have: texts by key, kept in a bucket that every node watches.

import type { KV, KvWatchEntry } from '@nats-io/kv';

export type TableChange = (key: string, value: string | undefined) => void;

export class SharedTable {
  readonly #bucket: KV;
  readonly #warn: (message: string) => void;
  readonly #values = new Map<string, string>();
  #changed: TableChange = () => {};

  /** Learns of all entries there are, and from here on of every change. Rejects with what NATS says. */
  static async open(bucket: KV, warn: (message: string) => void): Promise<SharedTable> {
    const table = new SharedTable(bucket, warn);
    const { values } = await bucket.status();
    const watch = await bucket.watch();
    await new Promise<void>((resolve) => {
      if (values === 0) resolve();
      table.#learn(watch, resolve).catch((error) => warn(String(error)));
    });
    return table;
  }

  private constructor(bucket: KV, warn: (message: string) => void) {
    this.#bucket = bucket;
    this.#warn = warn;
  }

  /** Tells of every entry there is, at once, and of each one that is set or deleted from here on, at whatever node. */
  follow(changed: TableChange): void {
    this.#changed = changed;
    for (const [key, value] of this.#values) changed(key, value);
  }

  /** Resolves once it is stored. Rejects where it may not be. */
  async set(key: string, value: string): Promise<void> {
    await this.#bucket.put(tokenOf(key), value);
  }

  async delete(key: string): Promise<void> {
    await this.#bucket.delete(tokenOf(key));
  }

  async #learn(watch: AsyncIterable<KvWatchEntry>, known: () => void): Promise<void> {
    for await (const entry of watch) {
      const key = Buffer.from(entry.key, 'base64url').toString();
      // One that is gone comes with an empty value.
      const value = entry.operation === 'PUT' ? entry.string() : undefined;
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
      try {
        this.#changed(key, value);
      } catch (error) {
        this.#warn(`what NATS keeps of ${key} cannot be read: ${error instanceof Error ? error.message : error}`);
      }
      if (entry.isUpdate || (entry.delta ?? 0) === 0) known();
    }
  }
}

/** As the key of a bucket. */
function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}
