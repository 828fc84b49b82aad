// Real nats-servers for a test, one or three that are a cluster, ready to store: a stream with as many replicas as there are
// servers has been made and removed. The test ends them all with `end`.

import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { eventually } from './eventually.ts';
import { freePorts } from './free-ports.ts';
import { type NatsPorts, NatsServer, type NatsServerOptions, type Routing } from './nats-server.ts';
import { hasProgramOf } from './program.ts';

const VARIABLE = 'ROOMCHAT_NATS_SERVER';
const READY_MS = 60_000;
const REQUEST_MS = 2_000;
/** A stream that only shows that there can be one. */
const PROBE = 'PROBE';

/** For `it.skipIf`. */
export const hasNatsServer = (): boolean => hasProgramOf(VARIABLE, 'nats-server');

export interface NatsOptions extends NatsServerOptions {
  readonly servers: 1 | 3;
  /** What stands between two servers: the port by which one reaches another, whose own port is given. */
  readonly between?: (from: number, to: number, port: number) => Promise<number>;
}

export interface Nats {
  /** Of all, in their order, whether they run or not. */
  readonly urls: readonly string[];
  /** By SIGKILL; resolves when it is gone, as `stop` does. */
  kill(index: number): Promise<void>;
  /** By SIGTERM. */
  stop(index: number): Promise<void>;
  /** It keeps its connections, and neither reads nor answers. */
  freeze(index: number): void;
  thaw(index: number): void;
  /** From here on no file of it can grow beyond so many bytes; undefined: all can again, until it is started again. */
  limitFiles(index: number, bytes: number | undefined): Promise<void>;
  /** Whoever leads this stream is to give it to another server; nothing happens where nobody does. */
  stepDown(stream: string): Promise<void>;
  /** Bounds what a stream may hold, in bytes, by what it holds. */
  boundStream(stream: string, maxBytes: (held: number) => number): Promise<void>;
  /** It hands over what it leads, sends its clients away, and ends: `ended` tells when. */
  lameDuck(index: number): void;
  ended(index: number): Promise<void>;
  /** On the same ports and folder; resolves when it answers. */
  restart(index: number): Promise<void>;
  /** Resolves when those that are awake have all that they store, and streams can be made with as many replicas. */
  ready(): Promise<void>;
  /** Which server leads this stream, as soon as one does. */
  leaderOf(stream: string): Promise<number>;
  /** What a server printed since it was started, or the end of it. */
  output(index: number): string;
  /** Ends them and removes what they stored. */
  end(): Promise<void>;
}

/** The program; fails where there is none. */
export function natsProgram(): string {
  const program = process.env[VARIABLE];
  if (program === undefined) throw new Error(`${VARIABLE} does not name a nats-server.`);
  return program;
}

/** Free ports for so many servers. */
export async function natsPorts(count: number): Promise<NatsPorts[]> {
  const numbers = await freePorts(3 * count);
  return Array.from({ length: count }, (_, index) => {
    const [client = 0, cluster = 0, monitor = 0] = numbers.slice(3 * index);
    return { client, cluster, monitor };
  });
}

export async function startNats({ servers: count, between, ...options }: NatsOptions): Promise<Nats> {
  const program = natsProgram();
  const ports = await natsPorts(count);
  const servers: NatsServer[] = [];
  const all = await routings(ports, between);
  for (const [index, own] of ports.entries()) {
    servers.push(await NatsServer.prepare(program, `n${index}`, own, all[index] ?? { to: [] }, options));
  }
  const nats = new Servers(servers);
  try {
    await Promise.all(servers.map((server) => server.start()));
    await nats.ready();
  } catch (error) {
    await nats.end();
    throw error;
  }
  return nats;
}

/** For each server, how it finds the others. */
async function routings(ports: readonly NatsPorts[], between: NatsOptions['between']): Promise<Routing[]> {
  const found = ports.map(() => new Map<number, number>());
  for (const [from, routes] of found.entries()) {
    for (const [to, { cluster }] of ports.entries()) {
      if (from !== to) routes.set(to, (await between?.(from, to, cluster)) ?? cluster);
    }
  }
  // The others learn of a server also from one another: that way, too, something stands between.
  return found.map((routes, index) => {
    const own = between && found[(index + 1) % ports.length]?.get(index);
    return { to: [...routes.values()], own };
  });
}

class Servers implements Nats {
  readonly #servers: readonly NatsServer[];

  constructor(servers: readonly NatsServer[]) {
    this.#servers = servers;
  }

  get urls(): readonly string[] {
    return this.#servers.map(({ url }) => url);
  }

  async kill(index: number): Promise<void> {
    this.#at(index).signal('SIGKILL');
    await this.ended(index);
  }

  async stop(index: number): Promise<void> {
    this.#at(index).signal('SIGTERM');
    await this.ended(index);
  }

  freeze(index: number): void {
    this.#at(index).signal('SIGSTOP');
  }

  thaw(index: number): void {
    this.#at(index).signal('SIGCONT');
  }

  lameDuck(index: number): void {
    this.#at(index).signal('SIGUSR2');
  }

  limitFiles(index: number, bytes: number | undefined): Promise<void> {
    return this.#at(index).limitFiles(bytes);
  }

  async stepDown(stream: string): Promise<void> {
    await this.#connected(async (connection) => {
      await connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`, '', { timeout: REQUEST_MS });
    }).catch(() => {});
  }

  async boundStream(stream: string, maxBytes: (held: number) => number): Promise<void> {
    await eventually(`${stream} is bounded`, READY_MS, () =>
      this.#manage(async (manager) => {
        const { state } = await manager.streams.info(stream);
        await manager.streams.update(stream, { max_bytes: maxBytes(state.bytes) });
        return true;
      }),
    );
  }

  ended(index: number): Promise<void> {
    return this.#at(index).ended();
  }

  restart(index: number): Promise<void> {
    return this.#at(index).start();
  }

  async ready(): Promise<void> {
    const awake = this.#awake();
    for (const server of awake) await eventually('a nats-server is healthy', READY_MS, () => server.isHealthy());
    await eventually('a stream can be made', READY_MS, () =>
      this.#manage(async (manager) => {
        await manager.streams.add({ name: PROBE, subjects: [PROBE], num_replicas: awake.length });
        return manager.streams.delete(PROBE);
      }),
    );
  }

  async leaderOf(stream: string): Promise<number> {
    return eventually(`a server leads ${stream}`, READY_MS, async () => {
      const info = await this.#manage((manager) => manager.streams.info(stream));
      // A server alone has no cluster to lead.
      if (this.#servers.length === 1) return 0;
      const leader = this.#servers.findIndex(({ name }) => name === info.cluster?.leader);
      return leader === -1 ? undefined : leader;
    });
  }

  output(index: number): string {
    return this.#at(index).output();
  }

  async end(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.remove()));
  }

  /** Asks JetStream, by a connection for this question alone. */
  #manage<T>(ask: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    return this.#connected(async (connection) => ask(await jetstreamManager(connection, { timeout: REQUEST_MS })));
  }

  async #connected<T>(ask: (connection: NatsConnection) => Promise<T>): Promise<T> {
    const servers = this.#awake().map(({ url }) => url);
    const connection = await connect({ servers, timeout: REQUEST_MS, reconnect: false });
    try {
      return await ask(connection);
    } finally {
      await connection.close();
    }
  }

  #awake(): NatsServer[] {
    return this.#servers.filter((server) => server.isAwake);
  }

  #at(index: number): NatsServer {
    const server = this.#servers[index];
    if (server === undefined) throw new Error(`There is no nats-server ${index}.`);
    return server;
  }
}
