// A `join` that is stopped as a process while much is said, and goes on later: the server keeps nothing for it but a
// cursor, and it has every line in order, once.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import type { Outcome } from '../../support/outcome.ts';
import { residentBytes } from '../../support/process-figures.ts';
import { COMMAND, startServer } from '../../support/server-process.ts';
import { type JoinedClient, WireClient } from '../../support/wire-client.ts';

const MIB = 1024 * 1024;
const TEXT = 'x'.repeat(16_000);
/** Under way at once: much for a reader, little for the server. */
const UNDER_WAY = 32;
const PINGS = 200;
const CALM_ROUNDS = 2;
/** Releases of Node differ in how much garbage they keep about before they collect it: here all keep little. */
const SMALL_HEAP = ['--max-semi-space-size=1', '--max-old-space-size=64'];

export async function frozenReader({ mebibytes }: { mebibytes: number }): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'roomchat-frozen-'));
  const violations: string[] = [];
  const server = await startServer({
    data: join(folder, 'data'),
    command: [process.execPath, ...SMALL_HEAP, COMMAND, 'serve'],
  });
  const reader = execa(process.execPath, [COMMAND, 'join', 'lobby', '--json', '--server', server.url], {
    stdio: ['ignore', 'pipe', 'ignore'],
    reject: false,
    buffer: false,
    forceKillAfterDelay: false,
  });
  const seqs: number[] = [];
  const hasAll = new Promise<void>((resolve) => {
    createInterface({ input: reader.stdout }).on('line', (line) => {
      const [, seq] = /^\{"type":"message","seq":(\d+),/.exec(line) ?? [];
      if (seq !== undefined) seqs.push(Number(seq));
      if (line.includes('"text":"the end"')) resolve();
    });
  });
  const { pid } = reader;
  if (pid === undefined) throw new Error('The reader has no pid.');
  await server.printed(/joined .*a new room/);
  const speaker = await WireClient.join(server, 'lobby', { as: 'speaker', nick: 'speaker' });
  const messages = Math.ceil((mebibytes * MIB) / TEXT.length);

  // The same with everybody reading shows what the traffic itself costs.
  let calm = 0;
  for (let round = 0; round < CALM_ROUNDS; round += 1) {
    await pass(speaker, round * messages, messages);
    calm = Math.max(calm, residentBytes(server.pid));
  }
  const calmP99 = await p99(speaker);
  process.kill(pid, 'SIGSTOP');
  const whileFrozen = await pass(speaker, CALM_ROUNDS * messages, messages);
  const risen = (residentBytes(server.pid) - calm) / MIB;
  const frozenP99 = await p99(speaker);
  process.kill(pid, 'SIGCONT');
  if (risen > mebibytes / 2) violations.push(`the server has risen by ${Math.round(risen)} MiB`);

  // When it prints the last line it has all that it will ever get.
  await speaker.client.say('the end');
  await hasAll;
  const wanted = (CALM_ROUNDS + 1) * messages + 2 * PINGS + 1;
  if (seqs.length !== wanted) violations.push(`it printed ${seqs.length} of ${wanted} lines`);
  if (seqs.some((seq, i) => seq !== i + 1)) violations.push('it printed them in another order');
  reader.kill('SIGINT');
  await reader;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  const counted = {
    messages: seqs.length,
    whileFrozen,
    risenMib: Math.round(risen),
    p99Ms: Math.round(calmP99 * 100) / 100,
    p99FrozenMs: Math.round(frozenP99 * 100) / 100,
  };
  return { counted, violations };
}

/** Says `count` messages, a few at a time. */
async function pass({ client }: JoinedClient, from: number, count: number): Promise<number> {
  for (let said = 0; said < count; said += UNDER_WAY) {
    const part = Math.min(UNDER_WAY, count - said);
    for (let i = 0; i < part; i += 1) client.send({ type: 'say', text: `${from + said + i} ${TEXT}` });
    await client.said(`${from + said + part - 1} ${TEXT}`);
  }
  return count;
}

/** How long receipts take, one after the other: milliseconds. */
async function p99({ client }: JoinedClient): Promise<number> {
  const delays: number[] = [];
  for (let i = 0; i < PINGS; i += 1) {
    const began = performance.now();
    await client.say(`ping ${i} ${began}`);
    delays.push(performance.now() - began);
  }
  return delays.sort((a, b) => a - b)[Math.floor(PINGS * 0.99)] ?? 0;
}
