// The scenario of one address that floods a server over many connections, in each of the ways that cost the server
// something, while two members who come from elsewhere talk.

import { get } from 'node:http';
import { execa } from 'execa';
import { bystander, p99 } from '../../support/bystander.ts';
import { FLOOD_KINDS, type Flood, type FloodKind } from '../../support/flood-kinds.ts';
import type { Outcome } from '../../support/outcome.ts';
import { processorMs } from '../../support/process-figures.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

export interface Flooding {
  readonly connections: number;
  /** How long each kind goes on. */
  readonly ms: number;
  /** Bytes of the room's log that is replayed and searched. */
  readonly history: number;
  readonly kinds?: readonly FloodKind[];
}

export interface FloodedOutcome extends Outcome {
  /** By kind, in milliseconds: what 99 of 100 messages of the others took. */
  readonly p99s: ReadonlyMap<FloodKind, number>;
}

/** What an address may do at once and a second, by the server's defaults. */
const BURST = 2_000;
const RATE = 200;
const SAY_BYTES = 16_000;

export async function floodFromOneAddress(flooding: Flooding): Promise<FloodedOutcome> {
  const { kinds = FLOOD_KINDS } = flooding;
  const violations: string[] = [];
  const counted: Record<string, number> = {};
  const p99s = new Map<FloodKind, number>();
  for (const kind of kinds) {
    const server = await startServer({ args: ['--trust-proxy', '--metrics'] });
    try {
      if (kind === 'replays' || kind === 'scans') await fill(server, flooding.history);
      const figures = await oneFlood(server, { port: server.port, kind, ...flooding });
      p99s.set(kind, figures.p99);
      counted[`${kind}P99Ms`] = Math.round(figures.p99);
      counted[`${kind}CpuMs`] = Math.round(figures.cpuMs);
      counted[`${kind}Commands`] = figures.commands;
      counted[`${kind}MiB`] = Math.round(figures.appended / 1024 / 1024);
      // Each of its commands costs a unit at the least; one may be under way on each connection.
      const most = BURST + RATE * figures.seconds + flooding.connections;
      if (figures.commands > most) violations.push(`${kind}: ${figures.commands} commands were handled, not ${most}`);
      const mostBytes = (most * SAY_BYTES) / 10;
      if (figures.appended > mostBytes)
        violations.push(`${kind}: ${figures.appended} bytes were saved, not ${mostBytes}`);
    } finally {
      await server.stop('SIGKILL');
    }
  }
  return { counted, violations, p99s };
}

interface Figures {
  readonly p99: number;
  /** Processor time of the server: the same on a busy machine and on a quiet one. */
  readonly cpuMs: number;
  /** Those of the flood alone. */
  readonly commands: number;
  readonly appended: number;
  readonly seconds: number;
}

async function oneFlood(server: ServerProcess, { port, kind, connections, ms }: Flood): Promise<Figures> {
  const others = await bystander(server);
  const before = await metrics(server);
  const cpuBefore = processorMs(server.pid);
  const began = performance.now();
  const order = JSON.stringify({ port, kind, connections, ms });
  await execa(process.execPath, ['test/support/run.js', 'test/support/flood.ts', order], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const seconds = (performance.now() - began) / 1000;
  const cpuMs = processorMs(server.pid) - cpuBefore;
  const taken = await others.leave();
  const after = await metrics(server);
  const since = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  return {
    p99: p99(taken),
    cpuMs,
    commands: since('roomchat_commands_total') - taken.length,
    appended: since('roomchat_appended_bytes_total'),
    seconds,
  };
}

/** A long history, said slowly enough for one who comes from elsewhere. */
async function fill(server: ServerProcess, bytes: number): Promise<void> {
  let author = 0;
  for (let said = 0; said < bytes; author++) {
    const headers = { 'X-Forwarded-For': `198.51.100.${author}` };
    const { client } = await WireClient.join(server, 'flooded', { last: 0 }, { headers, perMessageDeflate: false });
    const count = Math.min(110, Math.ceil((bytes - said) / SAY_BYTES));
    for (let i = 0; i < count; i++) client.send({ type: 'say', text: 'x'.repeat(SAY_BYTES) });
    await client.count('message', count);
    await client.leave();
    said += count * SAY_BYTES;
  }
}

function metrics(server: ServerProcess): Promise<ReadonlyMap<string, number>> {
  return new Promise((resolve, reject) => {
    get(`${server.url}/metrics`, { agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => {
        const samples = body.split('\n').map((line) => line.split(' '));
        resolve(new Map(samples.map(([name = '', value]) => [name, Number(value)])));
      });
    }).on('error', reject);
  });
}
