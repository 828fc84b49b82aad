// Three nodes of a cluster on three nats-servers, with a cable of ours between each two of them: each node reaches each server
// over its own, and the servers one another.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../support/free-ports.ts';
import { type Nats, startNats } from '../../support/nats.ts';
import { Relay } from '../../support/relay.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

export const NODES = 3;
const SERVERS = 3;

interface Cable {
  readonly relay: Relay;
  /** The nats-servers at its ends, and the node if one end is a node. */
  readonly servers: readonly number[];
  readonly node?: number;
}

export class Rig {
  readonly nats: Nats;
  readonly #cables: readonly Cable[];
  readonly #folder: string;
  readonly #ports: readonly number[];
  readonly #running: (ServerProcess | undefined)[] = [];

  static async start({ syncAlways }: { readonly syncAlways: boolean }): Promise<Rig> {
    const cables: Cable[] = [];
    const nats = await startNats({
      servers: SERVERS,
      syncAlways,
      canLimitFiles: true,
      lameDuckDuration: '30s',
      lameDuckGracePeriod: '1s',
      between: async (from, to, port) => {
        const relay = await Relay.open(port);
        cables.push({ relay, servers: [from, to] });
        return relay.port;
      },
    });
    for (let node = 0; node < NODES; node++) {
      for (const [server, url] of nats.urls.entries()) {
        cables.push({ relay: await Relay.open(Number(new URL(url).port)), servers: [server], node });
      }
    }
    const rig = new Rig(nats, cables, await mkdtemp(join(tmpdir(), 'roomchat-cluster-')), await freePorts(NODES));
    try {
      for (let node = 0; node < NODES; node++) await rig.startNode(node);
    } catch (error) {
      await rig.end();
      throw error;
    }
    return rig;
  }

  private constructor(nats: Nats, cables: readonly Cable[], folder: string, ports: readonly number[]) {
    this.nats = nats;
    this.#cables = cables;
    this.#folder = folder;
    this.#ports = ports;
  }

  /** Of the nodes. */
  get urls(): readonly string[] {
    return this.#ports.map((port) => `http://127.0.0.1:${port}`);
  }

  copyOf(node: number, room: string): string {
    return join(this.#dataOf(node), 'rooms', room, 'log.ndjson');
  }

  async startNode(node: number): Promise<void> {
    // Each begins with another server, and knows all.
    const cables = this.cablesOf(node);
    const servers = cables.map((_, i) => `nats://127.0.0.1:${cables[(node + i) % cables.length]?.port}`);
    const args = ['--port', `${this.#ports[node]}`, '--nats', servers.join(','), '--node', `node${node}`];
    this.#running[node] = await startServer({ data: this.#dataOf(node), args });
  }

  signalNode(node: number, signal: NodeJS.Signals): void {
    const pid = this.#running[node]?.pid;
    if (pid !== undefined) process.kill(pid, signal);
  }

  async endNode(node: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const running = this.#running[node];
    this.#running[node] = undefined;
    await running?.stop(signal);
  }

  /** By which this node reaches NATS. */
  cablesOf(node: number): Relay[] {
    return this.#cables.filter((cable) => cable.node === node).map(({ relay }) => relay);
  }

  /** By which this nats-server and the others reach one another. */
  routesOf(server: number): Relay[] {
    return this.#cables
      .filter(({ servers, node }) => node === undefined && servers.includes(server))
      .map(({ relay }) => relay);
  }

  /** Whether any node is connected to this nats-server. */
  hasNodes(server: number): boolean {
    return this.#cables.some(
      ({ relay, servers, node }) => node !== undefined && servers.includes(server) && relay.isUsed,
    );
  }

  async end(): Promise<void> {
    for (let node = 0; node < NODES; node++) {
      this.signalNode(node, 'SIGCONT');
      await this.endNode(node, 'SIGKILL');
    }
    await this.nats.end();
    for (const { relay } of this.#cables) await relay.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #dataOf(node: number): string {
    return join(this.#folder, `${node}`);
  }
}
