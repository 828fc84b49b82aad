// The scenario of a disk that is slow, stands still, or fails once: many rooms talk, others flood, somebody joins a long
// room, and somebody who has nothing to do with any of it looks how fast the server answers.

import { setTimeout as pass } from 'node:timers/promises';
import { type Bystander, bystander, p99 } from '../../support/bystander.ts';
import type { Outcome } from '../../support/outcome.ts';
import { residentBytes } from '../../support/process-figures.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { SlowDisk } from '../../support/slow-disk.ts';
import { WireClient } from '../../support/wire-client.ts';
import { Ledger } from './ledger.ts';

export type SyncMode = 'always' | 'interval' | 'off';

export interface SlowDiskFigures {
  readonly rooms: number;
  /** How long each part talks. */
  readonly seconds: number;
  /** Milliseconds that a sync takes, one part each. */
  readonly latencies: readonly number[];
  /** How long the disk stands still. */
  readonly stallSeconds: number;
}

export interface SlowDiskOutcome extends Outcome {
  /** What the slowest part did to another room: milliseconds that 99 of 100 answers did not exceed. */
  readonly worst: number;
  /** Bytes of memory that the hungriest part took more than the quiet one. */
  readonly memory: number;
}

const MIB = 1024 * 1024;
const STOP_MS = 10_000;
/** An older line is one whose room takes no more: it is late by then, and so are those that were written beside it. */
const OLDEST_S = 4;
const LONG_ROOM_BYTES = 8 * MIB;
const REPLAY_MS = 5_000;
const FLOODERS = 8;
/** What waits in vain for longer than this is lost. */
const PATIENCE_MS = 300_000;

export async function slowDisk(sync: SyncMode, figures: SlowDiskFigures): Promise<SlowDiskOutcome> {
  const { latencies, stallSeconds } = figures;
  const disk = new SlowDisk();
  const ledger = new Ledger();
  const violations: string[] = [];
  const counted: Record<string, number> = {};
  try {
    await makeLongRoom(disk, ledger);
    const parts: Part[] = [];
    // The quiet one comes first: what it takes is what the others are compared with.
    for (const latency of [0, ...latencies]) {
      const run = new Run(disk, ledger, sync, figures);
      parts.push(await run.talk(latency));
      violations.push(...run.violations);
    }
    const run = new Run(disk, ledger, sync, figures);
    parts.push(await run.stall(stallSeconds));
    violations.push(...run.violations, ...(await ledger.check(disk.data)));
    const quiet = parts[0]?.memory ?? 0;
    for (const { what, memory, worst } of parts) {
      counted[`${what}:p99Ms`] = Math.round(worst);
      counted[`${what}:moreMiB`] = Math.round((memory - quiet) / MIB);
    }
    return {
      counted: { ...counted, messages: ledger.receipts },
      violations,
      worst: Math.max(...parts.map(({ worst }) => worst)),
      memory: Math.max(...parts.map(({ memory }) => memory)) - quiet,
    };
  } finally {
    disk.remove();
  }
}

interface Part {
  readonly what: string;
  readonly worst: number;
  readonly memory: number;
}

async function makeLongRoom(disk: SlowDisk, ledger: Ledger): Promise<void> {
  disk.set({ latency: 0 });
  const server = await disk.serve('off');
  const { client } = await WireClient.join(server, 'long');
  const text = 'x'.repeat(16_000);
  for (let sent = 0; sent < LONG_ROOM_BYTES / text.length; sent += 3) {
    client.send(...Array.from({ length: 3 }, (_, i) => ({ type: 'say', text, ref: `${sent + i}` })));
  }
  await client.fence();
  await ledger.settled(client);
  await server.stop();
}

/** One life of the server. */
class Run {
  readonly violations: string[] = [];
  #memory = 0;
  readonly #disk: SlowDisk;
  readonly #ledger: Ledger;
  readonly #sync: SyncMode;
  readonly #figures: SlowDiskFigures;

  constructor(disk: SlowDisk, ledger: Ledger, sync: SyncMode, figures: SlowDiskFigures) {
    this.#disk = disk;
    this.#ledger = ledger;
    this.#sync = sync;
    this.#figures = figures;
  }

  /** All rooms are opened, say their first lines in one turn, and go on. */
  async talk(latency: number): Promise<Part> {
    this.#disk.set({ latency: 0 });
    const server = await this.#disk.serve(this.#sync);
    const watcher = this.#watch(server, await this.#other(server));
    this.#disk.set({ latency });
    const clients = await this.#joinRooms(server);
    const talking = this.#keepTalking(clients);
    await this.#joinLongRoom(server);
    await talking;
    const worst = await watcher.leave();
    await Promise.all(clients.map((client) => this.#ledger.settled(client)));
    await this.#stop(server);
    return { what: `${latency}ms`, memory: this.#memory, worst };
  }

  /** All rooms are open and talk; then no sync returns for a while, and some send as fast as they are read. */
  async stall(seconds: number): Promise<Part> {
    this.#disk.set({ latency: 0 });
    const server = await this.#disk.serve(this.#sync);
    const watcher = this.#watch(server, await this.#other(server));
    const clients = await this.#joinRooms(server);
    for (const client of clients) this.#ledger.say(client);
    await Promise.all(clients.map((client) => this.#ledger.settled(client)));
    this.#disk.set({ latency: seconds * 1000 });
    const over = pass(seconds * 1000).then(() => this.#disk.set({ latency: 0 }));
    const talking = this.#keepTalking(clients, seconds);
    const floods = this.#sync === 'off' ? 0 : FLOODERS;
    const flooding = clients.slice(0, floods).map((client) => this.#flood(client, seconds));
    const held = this.#sync === 'off' ? Promise.resolve() : this.#lookWhetherHeld(server, seconds);
    await this.#joinLongRoom(server);
    await Promise.all([over, talking, held, ...flooding]);
    const worst = await watcher.leave();
    await Promise.all(clients.map((client) => this.#ledger.settled(client)));
    await this.#stop(server);
    return { what: 'stall', memory: this.#memory, worst };
  }

  /** Somebody in another room: two who talk where that does not depend on the disk, else one who asks for pongs. */
  #other(server: ServerProcess): Promise<Bystander> {
    return this.#sync === 'off' ? bystander(server) : ponging(server);
  }

  #watch(server: ServerProcess, other: Bystander) {
    let looking = true;
    const watch = async () => {
      while (looking) {
        this.#memory = Math.max(this.#memory, residentBytes(server.pid));
        await pass(100);
      }
    };
    const watched = watch();
    return {
      leave: async () => {
        looking = false;
        await watched;
        return p99(await other.leave());
      },
    };
  }

  #joinRooms(server: ServerProcess): Promise<WireClient[]> {
    const join = async (_: unknown, i: number) => {
      const client = await WireClient.open(server, `room-${i}`, { perMessageDeflate: false });
      client.send({ type: 'join', last: 0 });
      await arrives(client, 'welcome');
      return client;
    };
    return Promise.all(Array.from({ length: this.#figures.rooms }, join));
  }

  async #keepTalking(clients: readonly WireClient[], seconds = this.#figures.seconds): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      for (const client of clients) this.#ledger.say(client);
      await pass(1_000);
    }
  }

  async #flood(client: WireClient, seconds: number): Promise<void> {
    const text = 'f'.repeat(1_000);
    for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
      if (client.socket.bufferedAmount < MIB) for (let i = 0; i < 50; i += 1) this.#ledger.say(client, text);
      // Its own work must not be what the others notice.
      await pass(25);
    }
  }

  /** Once the oldest line has waited too long, no more are accepted from those who wrote it. */
  async #lookWhetherHeld(server: ServerProcess, seconds: number): Promise<void> {
    const end = performance.now() + seconds * 1000 - 500;
    let held: number | undefined;
    while (performance.now() < end) {
      await pass(250);
      const { oldest, messages } = await metricsOf(server);
      if (oldest <= OLDEST_S) continue;
      held ??= messages;
      if (messages > held) {
        this.violations.push(`${messages - held} lines were accepted while the oldest had waited ${oldest} s`);
        return;
      }
    }
    if (held === undefined && seconds > OLDEST_S + 2) this.violations.push('no line was ever late: nothing was tried');
  }

  async #joinLongRoom(server: ServerProcess): Promise<void> {
    const began = performance.now();
    const reader = await WireClient.open(server, 'long', { perMessageDeflate: false });
    reader.send({ type: 'join' });
    await arrives(reader, 'live');
    const took = performance.now() - began;
    // With `always` a room is synced before it is shown.
    if (this.#sync !== 'always' && took > REPLAY_MS) this.violations.push(`a replay took ${Math.round(took)} ms`);
    await reader.leave();
  }

  async #stop(server: ServerProcess): Promise<void> {
    const began = performance.now();
    const exitCode = await server.stop();
    const took = performance.now() - began;
    if (exitCode !== 0) this.violations.push(`the server ended with ${exitCode}: ${server.output().slice(-500)}`);
    if (took > STOP_MS) this.violations.push(`stopping took ${Math.round(took)} ms`);
  }
}

/** Asks for pongs in a room where nobody speaks: lines wait for a slow disk, or are held back, but not an answer. */
async function ponging(server: ServerProcess): Promise<Bystander> {
  const { client } = await WireClient.join(server, 'ponging', {}, { perMessageDeflate: false });
  const taken: number[] = [];
  let asking = true;
  const ask = async () => {
    while (asking) {
      const began = performance.now();
      await client.fence();
      taken.push(performance.now() - began);
      await pass(20);
    }
  };
  const asked = ask();
  return {
    leave: async () => {
      asking = false;
      await asked;
      await client.leave();
      return taken.sort((a, b) => a - b);
    },
  };
}

/** As WireClient.next, for a disk that takes longer than a test usually waits. */
async function arrives(client: WireClient, type: 'welcome' | 'live'): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; client.of(type).length === 0; ) {
    const [error] = client.of('error');
    if (error !== undefined) throw new Error(`refused: ${error.code}`);
    if (performance.now() > end) throw new Error(`no ${type} came`);
    await pass(20);
  }
}

async function metricsOf(server: ServerProcess) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const sample = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
  return { oldest: sample('roomchat_oldest_unsynced_seconds'), messages: sample('roomchat_messages_total') };
}
