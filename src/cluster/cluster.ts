// A node's part in a cluster: its connection to NATS, the streams and buckets that it needs there, and the rooms.

import { randomBytes } from 'node:crypto';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DataDirectory, ReadableLog, RoomMeta } from '../log/index.ts';
import { ClusterRooms } from './cluster-rooms.ts';
import { Colleagues } from './colleagues.ts';
import { type ConnectOptions, connectTo, explainRefusal } from './connecting.ts';
import { Counters, gauge, type Metric } from './counters.ts';
import { Engine, untilReady } from './engine.ts';
import { ClusterError } from './errors.ts';
import { Nodes } from './nodes.ts';
import { adoptRooms, ownRoomsOf } from './own-rooms.ts';
import { answerForClosedRooms, type Home, RoomPresence } from './presence.ts';
import { Pulse } from './pulse.ts';
import { RoomsBucket } from './rooms-bucket.ts';
import { SharedTable } from './shared-table.ts';
import { Names } from './subjects.ts';

const SECRET_KEY = 'secret';
const SECRET_BYTES = 32;
const LOOK_AGAIN_MS = 20;
const BOOT_BYTES = 6;

export interface ClusterOptions extends ConnectOptions {
  readonly prefix: string;
  readonly directory: DataDirectory;
  readonly headroom: number;
  /** Whether rooms of its own in the directory join the cluster; without it they keep the node from starting. */
  readonly adopt?: boolean;
  warn(room: string | undefined, message: string): void;
  /** Why so many bytes may not be appended to this log, if they may not. */
  refuses(log: ReadableLog, bytes: number): Error | undefined;
  /** So many bytes were appended to this log. */
  appended(log: ReadableLog, bytes: number): void;
  /** A room was deleted elsewhere. */
  deleted(room: string): void;
  /** Who may come into a room has changed elsewhere. */
  accessChanged(room: string): void;
  /** This node cannot serve a room for now: who is in it goes elsewhere. */
  unservable(room: string): void;
  /** Whether NATS cannot be reached, for long enough that clients should go where it can. */
  cutOff(isCutOff: boolean): void;
  /** Another node asks something for an admin. Never rejects. */
  asked(question: string, reply: (answer: string) => void): Promise<void>;
}

interface Parts {
  readonly connection: NatsConnection;
  readonly engine: Engine;
  readonly rooms: ClusterRooms;
  readonly secret: Buffer;
  readonly bans: SharedTable;
  readonly names: Names;
  readonly counters: Counters;
}

export class Cluster {
  readonly rooms: ClusterRooms;
  /** Signs the resume keys of all nodes. */
  readonly secret: Buffer;
  readonly bans: SharedTable;
  readonly others: Colleagues;
  readonly #connection: NatsConnection;
  readonly #names: Names;
  readonly #options: ClusterOptions;
  /** This node, in this run of it. */
  readonly #self: string;
  readonly #nodes: Nodes;
  /** Of the rooms that are open here. */
  readonly #presences = new Map<string, RoomPresence>();
  readonly #counters: Counters;
  readonly #pulse: Pulse;
  #isConnected = true;

  /** Rejects with ClusterError. */
  static async join(options: ClusterOptions): Promise<Cluster> {
    const connection = await connectTo(options);
    try {
      const ownRooms = await ownRoomsOf(options.directory, (message) => options.warn(undefined, message));
      if (options.adopt !== true) checkNone(ownRooms, options.directory);
      const names = new Names(options.prefix);
      const engine = new Engine(connection, names);
      await engine.makeStreams();
      const keys = new Kvm(connection);
      const shared = await untilReady(() => makeBucket(keys, names.bucket('cluster')));
      // The keys of the first rooms that join fit as before.
      const made = ownRooms.length > 0 ? options.directory.secret : randomBytes(SECRET_BYTES);
      const secret = await untilReady(() => secretOf(shared, made));
      let rooms: ClusterRooms | undefined;
      const all = await untilReady(() => makeBucket(keys, names.bucket('rooms')));
      const changed = (room: string, meta: RoomMeta | undefined) => {
        if (rooms?.isOpen(room) !== true) return;
        if (meta === undefined) options.deleted(room);
        else options.accessChanged(room);
      };
      const bucket = await untilReady(() => RoomsBucket.open({ bucket: all, changed }));
      const counters = new Counters();
      rooms = new ClusterRooms({ ...options, connection, engine, names, bucket, counters });
      const banned = await untilReady(() => makeBucket(keys, names.bucket('bans')));
      const bans = await untilReady(() => SharedTable.open(banned, (message) => options.warn(undefined, message)));
      if (ownRooms.length > 0) {
        const lines = await adoptRooms(ownRooms, options.directory, rooms.adoption);
        const what = ownRooms.length === 1 ? `The room ${ownRooms[0]} has` : `${ownRooms.length} rooms have`;
        options.warn(undefined, `${what} joined the cluster, with ${lines} lines: what is here is a copy from now on.`);
      }
      await options.directory.markCopies();
      const cluster = new Cluster({ connection, engine, rooms, secret, bans, names, counters }, options);
      await cluster.#nodes.met();
      return cluster;
    } catch (error) {
      await connection.close();
      throw explainRefusal(error);
    }
  }

  private constructor({ connection, engine, rooms, secret, bans, names, counters }: Parts, options: ClusterOptions) {
    this.#connection = connection;
    this.rooms = rooms;
    this.secret = secret;
    this.bans = bans;
    this.#names = names;
    this.#counters = counters;
    this.#options = options;
    this.#self = `${options.node}/${randomBytes(BOOT_BYTES).toString('base64url')}`;
    this.#nodes = new Nodes({
      connection,
      subject: names.nodes,
      self: this.#self,
      lost: (node) => {
        for (const presence of this.#presences.values()) presence.lost(node);
      },
      found: (node) => {
        for (const presence of this.#presences.values()) presence.found(node);
      },
    });
    this.others = new Colleagues({ connection, names, self: this.#self, nodes: this.#nodes, asked: options.asked });
    answerForClosedRooms(connection, names, this.#self, (room) => this.#presences.has(room));
    this.#pulse = new Pulse({
      beat: () => engine.isDeciding(names.pulse(options.node)),
      changed: (isAlive) => this.#pulseChanged(isAlive),
    });
    this.#watch().catch((error) => options.warn(undefined, String(error)));
  }

  /** Tells other nodes of a room's members here, and the room of those there. */
  readonly neighbourhood = (room: string, home: Home): RoomPresence => {
    const presence: RoomPresence = new RoomPresence({
      connection: this.#connection,
      room,
      names: this.#names,
      self: this.#self,
      nodes: this.#nodes.names,
      home,
      closed: () => {
        if (this.#presences.get(room) === presence) this.#presences.delete(room);
      },
    });
    this.#presences.set(room, presence);
    return presence;
  };

  *metrics(): Iterable<Metric> {
    yield* this.#counters.metrics();
    yield gauge('connected', 'Whether NATS is connected.', Number(this.#isConnected));
    yield gauge('nodes', 'Nodes that were heard of lately, and this one.', [...this.#nodes.names].length + 1);
    const { copies, copiesBehind } = this.rooms;
    // Without NATS nothing is heard of, and none can know.
    const behind = this.#isConnected ? copiesBehind : copies;
    yield gauge('copies_behind', 'Open rooms whose copy here may lack what the cluster has.', behind);
  }

  /** To be called when the rooms are closed. */
  close(): Promise<void> {
    this.#nodes.close();
    this.#pulse.close();
    return this.#connection.close();
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === 'disconnect') this.#disconnected();
      else if (type === 'reconnect') this.#reconnected();
    }
  }

  #disconnected(): void {
    this.#nodes.connected(false);
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#options.warn(undefined, 'the connection to NATS was lost: what is said waits until it is back.');
  }

  #reconnected(): void {
    this.#isConnected = true;
    this.#nodes.connected(true);
    this.#options.warn(undefined, 'NATS is connected again.');
    for (const presence of this.#presences.values()) presence.askAll();
    this.rooms.catchUp();
  }

  #pulseChanged(isAlive: boolean): void {
    this.#options.warn(
      undefined,
      isAlive
        ? 'NATS decides again: everything can be said.'
        : 'NATS has decided nothing for 15 seconds, so that nothing can be said: clients are sent to other nodes.',
    );
    this.#options.cutOff(!isAlive);
  }
}

/** Rooms of a server of its own would be taken for copies, and thrown away. */
function checkNone([first]: readonly string[], { path }: DataDirectory): void {
  if (first === undefined) return;
  throw new ClusterError(
    `${path} has rooms of its own, such as ${first}: add --adopt to bring them into the cluster, or choose an empty directory with --data.`,
  );
}

/** Three copies of it, or one where there is one server. */
async function makeBucket(keys: Kvm, name: string): Promise<KV> {
  const bucket = await keys.create(name, { replicas: 3, history: 1 }).catch((error: unknown) => {
    if (error instanceof Error && /non-clustered/.test(error.message)) {
      return keys.create(name, { replicas: 1, history: 1 });
    }
    throw error;
  });
  // One that was only just made has no replica yet that answers: nobody joins before.
  await bucket.get(SECRET_KEY);
  return bucket;
}

/** Made by whoever is first. */
async function secretOf(bucket: KV, made: Uint8Array): Promise<Buffer> {
  for (;;) {
    const entry = await bucket.get(SECRET_KEY);
    if (entry !== null) return Buffer.from(entry.value);
    // Whether this failed because another was first, or is just being decided, the next look tells.
    await bucket.create(SECRET_KEY, made).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
