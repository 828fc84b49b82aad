// Which rooms the cluster has, and who may come into each: what room.json holds on a server of its own, in a bucket that every
// node watches. Of two that make a room at once exactly one does.
// Must never forget who was shut out while a key of theirs could still fit.

import type { KV, KvWatchEntry } from '@nats-io/kv';
import { decodeRoomMeta, encodeRoomMeta, type NewRoom, newRoomMeta, type RoomMeta } from '../log/index.ts';
import { roomOf, tokenOf } from './subjects.ts';

/** What stands for a room that was deleted: a new one of the name has another epoch. */
const DELETED = 'deleted';

/** A replica may not know yet what another one has decided. */
const LOOK_AGAIN_MS = 10;

/** A room as the bucket has it; without `meta` it was deleted. */
interface Kept {
  readonly revision: number;
  readonly meta: RoomMeta | undefined;
}

export interface RoomsBucketOptions {
  readonly bucket: KV;
  /** A room is another than it was: changed, deleted, or made anew. */
  changed(room: string, meta: RoomMeta | undefined): void;
}

export class RoomsBucket {
  readonly #bucket: KV;
  readonly #changed: RoomsBucketOptions['changed'];
  readonly #kept = new Map<string, Kept>();

  /** Learns of all rooms there are, and from here on of every change. Rejects with what NATS says. */
  static async open(options: RoomsBucketOptions): Promise<RoomsBucket> {
    const rooms = new RoomsBucket(options);
    const { bucket } = options;
    const { values } = await bucket.status();
    const watch = await bucket.watch();
    const isKnown = new Promise<void>((resolve) => {
      if (values === 0) resolve();
      rooms.#follow(watch, resolve).catch(() => {});
    });
    await isKnown;
    return rooms;
  }

  private constructor({ bucket, changed }: RoomsBucketOptions) {
    this.#bucket = bucket;
    this.#changed = changed;
  }

  get(room: string): RoomMeta | undefined {
    return this.#kept.get(room)?.meta;
  }

  *all(): Iterable<RoomMeta> {
    for (const { meta } of this.#kept.values()) if (meta !== undefined) yield meta;
  }

  /** Makes a room; false where it exists. Rejects where NATS does not answer: then it may exist or not. */
  create(room: string, made: NewRoom): Promise<boolean> {
    return this.add(newRoomMeta(room, made));
  }

  /** The same with all that is known of it; true as well where it is there under this epoch. */
  async add(meta: RoomMeta): Promise<boolean> {
    const room = meta.name;
    const key = tokenOf(room);
    for (;;) {
      const before = await this.#read(key);
      this.#learn(room, before);
      if (before?.meta !== undefined) return before.meta.epoch === meta.epoch;
      try {
        const value = encodeRoomMeta(meta);
        const revision =
          before === undefined
            ? await this.#bucket.create(key, value)
            : await this.#bucket.update(key, value, before.revision);
        this.#learn(room, { revision, meta });
        return true;
      } catch (error) {
        if (!isConflict(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    }
  }

  /** Changes what a room is, against whatever others change meanwhile. False where there is no such room. */
  async change(room: string, epoch: string, change: (meta: RoomMeta) => RoomMeta): Promise<boolean> {
    const key = tokenOf(room);
    for (;;) {
      const before = await this.#read(key);
      this.#learn(room, before);
      if (before?.meta?.epoch !== epoch) return false;
      const meta = change(before.meta);
      try {
        const revision = await this.#bucket.update(key, encodeRoomMeta(meta), before.revision);
        this.#learn(room, { revision, meta });
        return true;
      } catch (error) {
        if (!isConflict(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    }
  }

  async delete(room: string, epoch: string): Promise<void> {
    const key = tokenOf(room);
    for (;;) {
      const before = await this.#read(key);
      if (before?.meta?.epoch !== epoch) return;
      try {
        const revision = await this.#bucket.update(key, DELETED, before.revision);
        this.#learn(room, { revision, meta: undefined });
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    }
  }

  async #read(key: string): Promise<Kept | undefined> {
    const entry = await this.#bucket.get(key);
    return entry === null ? undefined : keptOf(entry.value, entry.revision);
  }

  async #follow(watch: AsyncIterable<KvWatchEntry>, known: () => void): Promise<void> {
    for await (const entry of watch) {
      this.#learn(roomOf(entry.key), keptOf(entry.value, entry.revision));
      if (entry.isUpdate || (entry.delta ?? 0) === 0) known();
    }
  }

  #learn(room: string, kept: Kept | undefined): void {
    if (kept === undefined || kept.revision <= (this.#kept.get(room)?.revision ?? 0)) return;
    this.#kept.set(room, kept);
    this.#changed(room, kept.meta);
  }
}

function keptOf(value: Uint8Array, revision: number): Kept {
  return { revision, meta: decodeRoomMeta(value) };
}

/** Somebody else has changed it first, or is about to. */
function isConflict(error: unknown): boolean {
  const message = error instanceof Error ? error.message : '';
  return /wrong last sequence|key exists|being decided|10071|10164/i.test(message);
}
