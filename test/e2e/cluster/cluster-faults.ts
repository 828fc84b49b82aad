// Senders that never stop at three nodes of a cluster on three nats-servers, and everything of it killed, frozen and started
// again at random moments, while clients go from node to node. Judges by what strangers are replayed at every node, and by the
// copies, which are the same bytes.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { dialRoom } from '../../../src/cli/dialling.ts';
import type { Dial, Socket } from '../../../src/client/index.ts';
import { random } from '../../log/support-lines.ts';
import { CrowdMember, faultsOf } from '../../support/crowd-member.ts';
import { freePorts } from '../../support/free-ports.ts';
import { type Nats, startNats } from '../../support/nats.ts';
import type { Outcome } from '../../support/outcome.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const NODES = 3;
const SENDERS = 6;
/** Messages of one sender under way at once. */
const UNDER_WAY = 3;
/** Between two faults, at most. */
const PAUSE_MS = 2_000;
const FREEZE_MS = 6_000;

class Nodes {
  readonly #folder: string;
  readonly #ports: readonly number[];
  readonly #nats: Nats;
  readonly #running: (ServerProcess | undefined)[] = [];

  constructor(folder: string, ports: readonly number[], nats: Nats) {
    this.#folder = folder;
    this.#ports = ports;
    this.#nats = nats;
  }

  get urls(): string[] {
    return this.#ports.map((port) => `http://127.0.0.1:${port}`);
  }

  dataOf(i: number): string {
    return join(this.#folder, String(i));
  }

  async start(i: number): Promise<void> {
    const args = ['--port', String(this.#ports[i]), '--nats', this.#nats.urls.join(','), '--node', `node${i}`];
    this.#running[i] = await startServer({ data: this.dataOf(i), args });
  }

  signal(i: number, signal: NodeJS.Signals): void {
    const pid = this.#running[i]?.pid;
    if (pid !== undefined) process.kill(pid, signal);
  }

  async end(i: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const server = this.#running[i];
    this.#running[i] = undefined;
    await server?.stop(signal);
  }

  output(i: number): string {
    return this.#running[i]?.output() ?? '';
  }
}

type Fault = readonly [
  name: string,
  strike: (nats: Nats, nodes: Nodes, i: number, next: (below: number) => number) => Promise<void>,
];

const FAULTS: readonly Fault[] = [
  [
    'nats killed',
    async (nats, _, i, next) => {
      await nats.kill(i);
      await pass(next(FREEZE_MS));
      await nats.restart(i);
    },
  ],
  [
    'nats frozen',
    async (nats, _, i, next) => {
      nats.freeze(i);
      await pass(next(FREEZE_MS));
      nats.thaw(i);
    },
  ],
  [
    'all nats killed',
    async (nats, _, __, next) => {
      await Promise.all([0, 1, 2].map((i) => nats.kill(i)));
      await pass(next(1_000));
      await Promise.all([0, 1, 2].map((i) => nats.restart(i)));
    },
  ],
  [
    'node killed',
    async (_, nodes, i, next) => {
      await nodes.end(i, 'SIGKILL');
      await pass(next(FREEZE_MS));
      await nodes.start(i);
    },
  ],
  [
    'node stopped',
    async (_, nodes, i) => {
      await nodes.end(i, 'SIGTERM');
      await nodes.start(i);
    },
  ],
  [
    'node frozen',
    async (_, nodes, i, next) => {
      nodes.signal(i, 'SIGSTOP');
      await pass(next(FREEZE_MS));
      nodes.signal(i, 'SIGCONT');
    },
  ],
];

export async function clusterFaults({ cycles, seed }: { cycles: number; seed: number }): Promise<Outcome> {
  const next = random(seed);
  const folder = await mkdtemp(join(tmpdir(), 'roomchat-cluster-'));
  const nats = await startNats({ servers: 3 });
  const nodes = new Nodes(folder, await freePorts(NODES), nats);
  const violations: string[] = [];
  const members: CrowdMember[] = [];
  const struck = new Map<string, number>();
  const sockets = new Map<number, Socket>();
  let cuts = 0;
  let talking = true;
  try {
    for (let i = 0; i < NODES; i++) await nodes.start(i);
    const sayMore = (member: CrowdMember) => {
      setTimeout(() => {
        if (talking) member.say();
      }, next(20));
    };
    for (let i = 0; i < SENDERS; i++) {
      // Each connection is to another node than the one before it.
      let at = i;
      const dial: Dial = async (signal) => {
        const url = nodes.urls[at++ % NODES]?.replace('http', 'ws');
        const socket = await dialRoom(`${url}/rooms/lobby`)(signal);
        sockets.set(i, socket);
        return socket;
      };
      const member = new CrowdMember(`s${i}`, { dial, random: () => next(1000) / 50_000, isPatient: true }, sayMore);
      members.push(member);
      for (let n = 0; n < UNDER_WAY; n++) member.say();
    }
    await Promise.all(members.map((member) => member.until(() => member.isLive, 'the room')));
    for (let cycle = 0; cycle < cycles; cycle++) {
      await pass(next(PAUSE_MS));
      const fault = FAULTS[next(FAULTS.length)];
      if (fault === undefined) continue;
      const [name, strike] = fault;
      struck.set(name, (struck.get(name) ?? 0) + 1);
      const striking = strike(nats, nodes, next(3), next);
      if (next(2) === 0) {
        // While lines wait for whatever was struck, their authors go elsewhere.
        await pass(next(500));
        for (const socket of sockets.values()) socket.terminate();
        cuts++;
      }
      await striking;
    }
    talking = false;
    await Promise.all(members.map((member) => member.until(() => member.session.pending === 0, 'its last receipt')));
    const said = members.flatMap((member) => member.said);
    const replays = await Promise.all(nodes.urls.map(replayed));
    const [lines = []] = replays;
    const count = new Map<string, number>();
    for (const { text } of lines) count.set(text, (count.get(text) ?? 0) + 1);
    for (const text of said) if (!count.has(text)) violations.push(`"${text}" was never saved`);
    for (const [text, times] of count) if (times > 1) violations.push(`"${text}" is there ${times} times`);
    for (const [i, { seq }] of lines.entries()) if (seq !== i + 1) violations.push(`line ${i + 1} has seq ${seq}`);
    const last = lines.at(-1)?.seq;
    await Promise.all(members.map((member) => member.until(() => member.shown.at(-1)?.seq === last, 'the last line')));
    for (const member of members) {
      violations.push(...faultsOf(member.shown, member.name), ...member.troubles);
      if (member.shown.length !== lines.length) {
        violations.push(`${member.name} was shown ${member.shown.length} of ${lines.length}`);
      }
      await member.leave();
    }
    const copies = await Promise.all(
      Array.from({ length: NODES }, (_, i) => readFile(join(nodes.dataOf(i), 'rooms', 'lobby', 'log.ndjson'), 'utf8')),
    );
    for (const [i, copy] of copies.entries()) if (copy !== copies[0]) violations.push(`node ${i} has another copy`);
    const faults = Object.fromEntries([...struck].map(([name, times]) => [name.replaceAll(' ', '-'), times]));
    return { counted: { cycles, messages: said.length, cuts, ...faults }, violations: violations.slice(0, 30) };
  } finally {
    for (let i = 0; i < NODES; i++) {
      nodes.signal(i, 'SIGCONT');
      await nodes.end(i, 'SIGKILL');
    }
    await nats.end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function replayed(url: string): Promise<{ seq: number; text: string }[]> {
  const { client } = await WireClient.join({ url }, 'lobby');
  const lines = client.of('message').map(({ seq, text }) => ({ seq, text }));
  await client.leave();
  return lines;
}
