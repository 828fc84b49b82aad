// Senders that never stop, and a server that is killed again and again at random moments. Judges by what a stranger is
// replayed afterwards; never by the log file.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { dialRoom } from '../../../src/cli/dialling.ts';
import { random } from '../../log/support-lines.ts';
import { CrowdMember, faultsOf } from '../../support/crowd-member.ts';
import type { Outcome } from '../../support/outcome.ts';
import { processorMs } from '../../support/process-figures.ts';
import { startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const SENDERS = 8;
const READY_MS = 2_000;
/** Messages of one sender under way at once. */
const UNDER_WAY = 3;
const SYNC_MODES = ['interval', 'always', 'off'] as const;

/**
 * A free port that the system gives nobody by itself: a client that dials a server which is down could otherwise be
 * connected to itself, and hold the port.
 */
async function quietPort(next: (below: number) => number): Promise<number> {
  for (;;) {
    const port = 12_000 + next(18_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

export async function killCycles({ cycles, seed }: { cycles: number; seed: number }): Promise<Outcome> {
  const next = random(seed);
  const data = await mkdtemp(join(tmpdir(), 'roomchat-kills-'));
  const port = await quietPort((below) => Math.floor(Math.random() * below));
  const violations: string[] = [];
  const seen = new Map<string, number>();
  const members: CrowdMember[] = [];
  let talking = true;
  let cursor = 0;
  let slowest = 0;
  let checked = 0;

  const start = async () => {
    const began = performance.now();
    // What the system has of a file outlives the process, whatever was synced of it.
    const sync = SYNC_MODES[next(SYNC_MODES.length)] ?? 'interval';
    const server = await startServer({ data: join(data, 'data'), args: ['--port', String(port), '--sync', sync] });
    slowest = Math.max(slowest, performance.now() - began);
    const took = processorMs(server.pid);
    if (took > READY_MS) violations.push(`a start took ${took} ms of processor time`);
    return server;
  };
  const sayMore = (member: CrowdMember) => {
    // The pace is the test's own: at full speed the log would grow by gigabytes.
    setTimeout(() => {
      if (talking) member.say();
    }, next(10));
  };
  /** Reads what has come since the last time, and looks for every receipt of before in it. */
  const check = async (server: { readonly url: string }) => {
    const receipts = members.map((member) => member.receipts.length);
    const { client } = await WireClient.join(server, 'lobby', { since: cursor });
    for (const { seq, text } of client.of('message')) {
      if (seq <= cursor) violations.push(`seq ${seq} follows ${cursor}`);
      if (seen.has(text)) violations.push(`"${text}" is there twice`);
      seen.set(text, seq);
      cursor = seq;
    }
    await client.leave();
    for (const [i, member] of members.entries()) {
      for (const text of member.receipts.slice(0, receipts[i])) {
        checked += 1;
        if (!seen.has(text)) violations.push(`"${text}" was seen by its author and is missing`);
      }
      // What was found once is in `seen` for good.
      member.receipts.splice(0, receipts[i]);
    }
  };

  let server = await start();
  const url = `ws://127.0.0.1:${port}/rooms/lobby`;
  for (let i = 0; i < SENDERS; i += 1) {
    // A short back-off: what is tried is the coming back, not the waiting.
    const member = new CrowdMember(`s${i}`, { dial: dialRoom(url), random: () => next(1000) / 50_000 }, sayMore);
    members.push(member);
    for (let n = 0; n < UNDER_WAY; n += 1) member.say();
  }
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    await Promise.all(members.map((member) => member.until(() => member.isLive, 'the room')));
    await pass(next(120));
    await server.stop('SIGKILL');
    server = await start();
    await check(server);
    if (violations.length > 20) break;
  }
  talking = false;
  await Promise.all(members.map((member) => member.until(() => member.session.pending === 0, 'its last receipt')));
  await check(server);
  const last = cursor;
  await Promise.all(members.map((member) => member.until(() => member.shown.at(-1)?.seq === last, 'the last line')));
  const said = members.flatMap((member) => member.said);
  const lost = said.filter((text) => !seen.has(text));
  if (lost.length > 0) violations.push(`${lost.length} messages never came through: ${lost.slice(0, 5).join(', ')}`);
  for (const member of members) {
    violations.push(...faultsOf(member.shown, member.name), ...member.troubles);
    if (member.shown.length !== seen.size) {
      violations.push(`${member.name} was shown ${member.shown.length} of ${seen.size}`);
    }
    await member.leave();
  }
  await server.stop();
  await rm(data, { recursive: true, force: true });
  const counted = { cycles, messages: said.length, checked, lost: lost.length, slowestStartMs: Math.round(slowest) };
  return { counted, violations };
}
