// The rooms of a cluster, as one of its nodes serves them: what exists is in the bucket, the lines are in the streams, and this
// node has copies.

import { randomBytes } from 'node:crypto';
import { setTimeout as pass } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  type DataDirectory,
  FullError,
  ImportError,
  type KnownRoom,
  type NewRoom,
  type OpenedRoom,
  type ReadableLog,
  type Repaired,
  type RepairPlan,
  type RoomImporting,
  type RoomMeta,
  type RoomStore,
} from '../log/index.ts';
import { Adoption, AdoptionError } from './adoption.ts';
import { decodeMessage } from './batch-message.ts';
import { type CopiedLog, isCopy, logPath } from './copied-log.ts';
import { NOTHING_TO_REPAIR, planRepair } from './copy-repair.ts';
import type { Counters } from './counters.ts';
import type { Engine } from './engine.ts';
import { Fullness } from './fullness.ts';
import { lastAtOf, lastSeqOf } from './line-bytes.ts';
import { RoomCopies, unservable } from './room-copies.ts';
import type { RoomsBucket } from './rooms-bucket.ts';
import { SharedLog } from './shared-log.ts';
import { type Names, shardOf } from './subjects.ts';

/** What is said when a room closes is committed within this time. */
const CLOSING_MS = 8_000;
/** A copy that takes longer to fetch is served while it grows. */
const GROWING_AFTER_MS = 500;

export interface ClusterRoomsOptions {
  readonly connection: NatsConnection;
  readonly engine: Engine;
  readonly names: Names;
  readonly bucket: RoomsBucket;
  readonly directory: DataDirectory;
  /** Of this node: letters, digits, `-`, `_`. */
  readonly node: string;
  readonly headroom: number;
  readonly counters: Counters;
  warn(room: string | undefined, message: string): void;
  /** Why so many bytes may not be appended to this log, if they may not. */
  refuses(log: ReadableLog, bytes: number): Error | undefined;
  /** So many bytes were appended to this log. */
  appended(log: ReadableLog, bytes: number): void;
  /** A room that is open cannot be served here any more. */
  unservable(room: string): void;
}

export class ClusterRooms implements RoomStore {
  readonly isPartial = true;
  readonly adoption: Adoption;
  readonly #options: ClusterRoomsOptions;
  readonly #open = new Map<string, SharedLog>();
  /** Those that are open, and those that are just being opened. */
  readonly #logs = new Set<SharedLog>();
  /** Of this run of this node: with it no batch has the name of another. */
  readonly #boot = randomBytes(8).toString('base64url');
  #batches = 0;
  readonly #full = new Fullness((message) => this.#options.warn(undefined, message));
  readonly #copies: RoomCopies;

  constructor(options: ClusterRoomsOptions) {
    this.#options = options;
    this.#copies = new RoomCopies({
      ...options,
      damaged: (room) => {
        if (this.#open.has(room)) options.unservable(room);
      },
    });
    this.adoption = new Adoption({ ...options, newBatchName: this.#newBatchName });
  }

  has(room: string): boolean {
    return this.#options.bucket.get(room) !== undefined;
  }

  async *known(): AsyncGenerator<KnownRoom> {
    const { bucket, directory } = this.#options;
    const here = new Set<string>();
    for await (const { name, bytes, lastSeq } of directory.roomNames()) {
      const meta = bucket.get(name);
      if (meta === undefined) continue;
      here.add(name);
      yield { name, bytes, lastSeq, protected: meta.password !== undefined, rules: meta.rules };
    }
    let isAnswered = true;
    for (const { name, epoch, password, rules } of bucket.all()) {
      if (here.has(name)) continue;
      // While NATS is away the rooms are known all the same.
      const lastSeq: number | undefined = isAnswered
        ? await this.#lastSeqOf(name, epoch).catch(() => undefined)
        : undefined;
      isAnswered = lastSeq !== undefined;
      yield { name, bytes: 0, lastSeq: lastSeq ?? 0, protected: password !== undefined, rules };
    }
  }

  async create(room: string, made: NewRoom): Promise<OpenedRoom | undefined> {
    return (await this.#options.bucket.create(room, made)) ? this.open(room) : undefined;
  }

  async open(room: string): Promise<OpenedRoom> {
    const { connection, engine, names, bucket, headroom, counters } = this.#options;
    const meta = bucket.get(room);
    if (meta === undefined) throw new Error(`There is no room ${JSON.stringify(room)}.`);
    const { epoch } = meta;
    const copy = await this.#copies.open(meta, async () => {
      await shared.settled(CLOSING_MS);
      subscription.unsubscribe();
      shared.close();
      this.#open.delete(room);
      this.#logs.delete(shared);
    });
    const shared: SharedLog = new SharedLog({
      engine,
      stream: names.stream(shardOf(room)),
      subject: names.room(room, epoch),
      copy,
      newBatchName: this.#newBatchName,
      headroom,
      counters,
      full: this.#full,
      refuses: (bytes) => this.#options.refuses(copy, bytes),
      failed: (error) => {
        this.#copies.failed(room, error);
        if (this.#open.get(room) === shared) this.#options.unservable(room);
      },
    });
    this.#logs.add(shared);
    shared.startAt(lastSaid(copy));
    const subscription = connection.subscribe(names.live(room, epoch), {
      callback: (error, { headers, data }) => {
        if (error !== null && error !== undefined) return;
        const sequence = Number(headers?.get('Nats-Sequence') ?? 0);
        shared.live(decodeMessage(sequence, headers, data), Number(headers?.get('Nats-Last-Sequence') ?? 0));
      },
    });
    try {
      // What is appended from here on comes by the subscription.
      await connection.flush();
      const proof = shared.proveEnd();
      // Where it is served by then, whoever waits for it is told.
      proof.catch(() => (shared.hasEnded ? this.#release(meta) : undefined)).catch(() => {});
      await Promise.race([proof, pass(GROWING_AFTER_MS)]);
    } catch (error) {
      await copy.close();
      if (shared.hasEnded) await this.#forget(meta);
      else if (this.#copies.isUnwritable(room)) throw unservable();
      throw error;
    }
    this.#open.set(room, shared);
    this.#copies.written(room);
    return { log: copy, ledger: (owner) => shared.begin(owner) };
  }

  async delete(room: string): Promise<void> {
    const { bucket, directory } = this.#options;
    const meta = bucket.get(room);
    if (meta === undefined) {
      // It was deleted elsewhere: what is left is the copy.
      if (directory.has(room)) await directory.deleteRoom(room);
      return;
    }
    const { log } = await this.open(room);
    try {
      await this.#end(meta);
    } finally {
      await log.close();
    }
    await this.#forget(meta);
  }

  /** A stream that is full has no room for a tombstone either, before the room's lines are gone. */
  async #end({ name, epoch }: RoomMeta): Promise<void> {
    const { engine, names } = this.#options;
    const shared = this.#open.get(name);
    try {
      await shared?.end();
    } catch (error) {
      if (!(error instanceof FullError)) throw error;
      await engine.purge(names.stream(shardOf(name)), names.room(name, epoch));
      await shared?.end();
    }
  }

  /** Of a room that this node has no copy of. */
  async #lastSeqOf(room: string, epoch: string): Promise<number> {
    const { engine, names } = this.#options;
    const last = await engine.last(names.stream(shardOf(room)), names.room(room, epoch));
    return last === undefined ? 0 : lastSeqOf(Buffer.from(last.lines)) || last.base;
  }

  async planRepair(room: string): Promise<RepairPlan> {
    const { bucket, engine, names, directory } = this.#options;
    const meta = bucket.get(room);
    if (meta === undefined || !directory.has(room) || !isCopy(directory, room)) return NOTHING_TO_REPAIR;
    const [stream, subject] = [names.stream(shardOf(room)), names.room(room, meta.epoch)];
    return planRepair(logPath(directory, room), this.#open.get(room)?.copyEnd, { engine, stream, subject });
  }

  async repair(room: string): Promise<Repaired> {
    const plan = await this.planRepair(room);
    if (plan.count > 0) {
      this.#copies.doubt(room, 'it is not what the cluster has');
      await (await this.open(room)).log.close();
    }
    return { ...plan, keptIn: undefined };
  }

  async importRoom(room: string, made: NewRoom): Promise<RoomImporting> {
    const importing = await this.#options.directory.upkeep.importRoom(room, made);
    return {
      add: (line) => importing.add(line),
      // What is here of it is no copy, and goes: one is made when the room is opened.
      finish: async () => {
        const imported = await importing.seal();
        await this.#adopt(importing.meta, importing.logPath, imported.lastSeq);
        await importing.abort();
        return imported;
      },
      abort: () => importing.abort(),
    };
  }

  async #adopt(meta: RoomMeta, path: string, lastSeq: number): Promise<void> {
    try {
      await this.adoption.adopt(meta, { path, lastSeq });
    } catch (error) {
      throw error instanceof AdoptionError ? new ImportError(error.message) : error;
    }
  }

  readonly #newBatchName = (): string => `${this.#options.node}/${this.#boot}/${++this.#batches}`;

  /** Takes away what is left of a room that has its tombstone. */
  async #forget(meta: RoomMeta): Promise<void> {
    await this.#release(meta);
    await this.#options.directory.deleteRoom(meta.name);
  }

  /** Whoever deleted it may not have come to the end: the name is free once that is done, at every node. */
  async #release({ name, epoch }: RoomMeta): Promise<void> {
    const { bucket, engine, names } = this.#options;
    await bucket.delete(name, epoch);
    await engine.purge(names.stream(shardOf(name)), names.room(name, epoch));
  }

  isOpen(room: string): boolean {
    return this.#open.has(room);
  }

  /** Of rooms that are open here. */
  get copies(): number {
    return this.#logs.size;
  }

  /** Those that have yet to catch up with their rooms. */
  get copiesBehind(): number {
    return [...this.#logs].filter(({ isBehind }) => isBehind).length;
  }

  /** Looks for what was not heard of, in every room that is open. */
  catchUp(): void {
    Promise.all([...this.#open.values()].map((shared) => shared.catchUp())).catch(() => {});
  }
}

/** When the copy's last line was said. */
function lastSaid(copy: CopiedLog): number {
  const { durableEnd } = copy;
  if (durableEnd === 0) return 0;
  const cursor = copy.findAfter(copy.lastSeq - 1);
  if (cursor === undefined) return 0;
  const target = Buffer.alloc(64 * 1024);
  const length = copy.readSync(cursor.position, target, 0);
  return lastAtOf(target.subarray(0, length));
}
