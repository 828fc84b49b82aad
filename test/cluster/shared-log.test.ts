// One room's log that three nodes append to, on real nats-servers: every line once, the same bytes at every node.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';
import { SharedLog } from '../../src/cluster/shared-log.ts';
import {
  type Batch,
  type Ledger,
  type NewLine,
  type OpenedRoom,
  OvertakenError,
  openDataDirectory,
} from '../../src/log/index.ts';
import { linesOf } from '../../src/protocol/index.ts';
import { hasNatsServer, type Nats, startNats } from '../support/nats.ts';
import { NO_SERVER } from '../support/no-server.ts';

const natsTest = it.skipIf(!hasNatsServer());

/** Three servers, which end with the test. */
async function threeServers(): Promise<Nats> {
  const nats = await startNats({ servers: 3 });
  onTestFinished(() => nats.end());
  return nats;
}

class Line implements NewLine {
  readonly text: string;
  readonly author: { readonly id: string; readonly attempt: number };
  seq = 0;

  constructor(text: string, id: string, attempt = 0) {
    this.text = text;
    this.author = { id, attempt };
  }

  encode(seq: number): string {
    this.seq = seq;
    return `{"type":"message","seq":${seq},"at":1,"id":"${this.author.id}","text":"${this.text}"}\n`;
  }
}

/** A node of the cluster, with one room open. */
class Node {
  readonly cluster: Cluster;
  readonly folder: string;
  readonly name: string;
  readonly waiting: NewLine[] = [];
  readonly lost: NewLine[] = [];
  readonly dropped: NewLine[] = [];
  readonly saved: NewLine[] = [];
  readonly overtaken: string[] = [];
  #room: OpenedRoom | undefined;
  #ledger: Ledger | undefined;

  static async start(servers: Nats, name: string): Promise<Node> {
    const folder = await mkdtemp(join(tmpdir(), 'roomchat-node-'));
    const directory = await openDataDirectory(folder, { sync: 'off', report: () => {}, fatal: () => {} });
    const cluster = await Cluster.join({
      servers: [...servers.urls],
      prefix: '',
      node: name,
      directory,
      headroom: 10,
      ...NO_SERVER,
    });
    const node = new Node(cluster, folder, name);
    onTestFinished(async () => {
      await node.#room?.log.close();
      await cluster.close();
      await directory.close();
      await rm(folder, { recursive: true, force: true });
    });
    return node;
  }

  private constructor(cluster: Cluster, folder: string, name: string) {
    this.cluster = cluster;
    this.folder = folder;
    this.name = name;
  }

  async open(): Promise<void> {
    const { rooms } = this.cluster;
    this.#room = rooms.has('lobby') ? await rooms.open('lobby') : await rooms.create('lobby', { created: 1 });
    this.#room ??= await rooms.open('lobby');
    this.#ledger = this.#room.ledger({
      committed: (batches: readonly Batch[]) => {
        for (const { own } of batches) this.saved.push(...this.waiting.splice(0, own));
      },
      lost: (count) => this.lost.push(...this.waiting.splice(0, count)),
      dropped: (lines) => {
        for (const line of lines) this.dropped.push(...this.waiting.splice(this.waiting.indexOf(line), 1));
      },
      overtaken: ({ id }) => this.overtaken.push(id),
      late: () => {},
      grew: () => {},
    });
  }

  say(text: string, id = this.name, attempt = 0): void {
    const line = new Line(text, id, attempt);
    this.waiting.push(line);
    this.#ledger?.append([line]);
  }

  fence(id: string, attempt: number): Promise<void> | undefined {
    return this.#ledger?.fence({ id, attempt });
  }

  isOvertaken(id: string, attempt: number): boolean | undefined {
    return this.#ledger?.isOvertaken({ id, attempt });
  }

  /** Appends the tombstone, and does nothing of what follows. */
  async endOnly(): Promise<void> {
    if (this.#ledger instanceof SharedLog) await this.#ledger.end();
  }

  catchUp(): Promise<void> | undefined {
    return this.#ledger?.catchUp();
  }

  async settled(): Promise<void> {
    while (this.waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async copy(): Promise<{ bytes: string; lines: { seq: number; id: string; text: string }[] }> {
    await this.catchUp();
    const bytes = await readFile(join(this.folder, 'rooms', 'lobby', 'log.ndjson'), 'utf8');
    return {
      bytes,
      lines: [...linesOf(bytes)].map((line) => JSON.parse(line)),
    };
  }
}

async function nodesOf(servers: Nats, count: number): Promise<Node[]> {
  const nodes = await Promise.all(Array.from({ length: count }, (_, i) => Node.start(servers, `node${i}`)));
  for (const node of nodes) await node.open();
  return nodes;
}

natsTest('lines of three nodes have dense numbers, each once, and the copies are the same bytes', async () => {
  const nodes = await nodesOf(await threeServers(), 3);
  for (let i = 0; i < 300; i++) {
    for (const node of nodes) node.say(`${node.name} ${i}`);
    if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(nodes.map((node) => node.settled()));
  const copies = await Promise.all(nodes.map((node) => node.copy()));
  const [first] = copies;
  for (const copy of copies) expect(copy.bytes === first?.bytes).toBe(true);
  expect(first?.lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 900 }, (_, i) => i + 1));
  for (const { name } of nodes) {
    const own = first?.lines.filter(({ id }) => id === name).map(({ text }) => text);
    expect(own).toEqual(Array.from({ length: 300 }, (_, i) => `${name} ${i}`));
  }
});

natsTest('a room whose deletion was cut short after its tombstone is deleted by whoever opens it next', async () => {
  const servers = await threeServers();
  const [first, second] = await nodesOf(servers, 1).then(async ([one]) => [one, await Node.start(servers, 'late')]);
  if (first === undefined || second === undefined) throw new Error('there are two nodes');
  first.say('before');
  await first.settled();
  await first.endOnly();
  await expect(second.open()).rejects.toThrow('The room was deleted.');
  expect(second.cluster.rooms.has('lobby')).toBe(false);
  await second.open();
  second.say('anew');
  await second.settled();
  expect((await second.copy()).lines.map(({ seq, text }) => `${seq} ${text}`)).toEqual(['1 anew']);
});

natsTest(
  'while servers are killed nothing is lost, doubled or reordered',
  async () => {
    const servers = await threeServers();
    const nodes = await nodesOf(servers, 2);
    let isOver = false;
    const said = nodes.map(async (node) => {
      let i = 0;
      for (; !isOver; i++) {
        node.say(`${i}`);
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
      return i;
    });
    for (const i of [0, 1, 2]) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await servers.kill(i);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await servers.restart(i);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    isOver = true;
    const counts = await Promise.all(said);
    await Promise.all(nodes.map((node) => node.settled()));
    const copies = await Promise.all(nodes.map((node) => node.copy()));
    expect(copies[0]?.bytes === copies[1]?.bytes).toBe(true);
    for (const [i, { name }] of nodes.entries()) {
      const own = copies[0]?.lines.filter(({ id }) => id === name).map(({ text }) => text);
      expect(own).toEqual(Array.from({ length: counts[i] ?? 0 }, (_, n) => String(n)));
    }
    expect(copies[0]?.lines.map(({ seq }) => seq)).toEqual(copies[0]?.lines.map((_, i) => i + 1));
  },
  120_000,
);

natsTest('an attempt that comes after a later one is refused at every node, and the later one stays', async () => {
  const [a, b, c] = await nodesOf(await threeServers(), 3);
  if (a === undefined || b === undefined || c === undefined) throw new Error('there are three nodes');
  await expect(b.fence('client', 1)).resolves.toBeUndefined();
  await a.fence('client', 2);
  await Promise.all([b.catchUp(), c.catchUp()]);
  await expect(b.fence('client', 1)).rejects.toThrow(OvertakenError);
  await expect(c.fence('client', 1)).rejects.toThrow(OvertakenError);
  await a.fence('client', 2);
  await expect(c.fence('client', 3)).resolves.toBeUndefined();
});

natsTest('of two attempts that wait at one node, only the later one passes, whichever came first', async () => {
  const [a] = await nodesOf(await threeServers(), 1);
  if (a === undefined) throw new Error('there is a node');
  for (const attempts of [
    [1, 2],
    [2, 1],
  ]) {
    // What comes while this is under way goes into one batch.
    const before = a.fence('somebody', 0);
    const fenced = attempts.map((attempt) => a.fence(`client ${attempts}`, attempt));
    const ends = await Promise.allSettled(fenced);
    expect(ends.map(({ status }, i) => [attempts[i], status]).sort()).toEqual([
      [1, 'rejected'],
      [2, 'fulfilled'],
    ]);
    expect(a.isOvertaken(`client ${attempts}`, 1)).toBe(true);
    expect(a.isOvertaken(`client ${attempts}`, 2)).toBe(false);
    await before;
  }
});

natsTest(
  'what an earlier attempt of a client has waiting elsewhere never comes after its fence',
  async () => {
    const servers = await threeServers();
    const [old, other] = await nodesOf(servers, 2);
    if (old === undefined || other === undefined) throw new Error('there are two nodes');
    // No majority: nothing is decided.
    await servers.kill(1);
    await servers.kill(2);
    for (let i = 0; i < 20; i++) old.say(`old ${i}`, 'client', 1);
    const fenced = other.fence('client', 2);
    await Promise.all([servers.restart(1), servers.restart(2)]);
    await fenced;
    const read = (await other.copy()).lines.filter(({ id }) => id === 'client').length;
    await old.settled();
    const lines = (await other.copy()).lines.filter(({ id }) => id === 'client');
    expect(lines).toHaveLength(read);
    expect(old.saved.length).toBe(read);
    expect(old.dropped.length).toBe(20 - read);
    expect(old.overtaken).toEqual(['client']);
  },
  120_000,
);
