// Clients that join one room one after the other, each once the one before is in, while somebody talks: what that costs the
// server, how many frames it sends to one client, and how long a message takes meanwhile.
import { setTimeout as wait } from 'node:timers/promises';
import { cpuSeconds } from '../proc.ts';
import { FrameCounter } from './frame-counter.ts';
import type { Figures, StormJob } from './job.ts';
import { quantile } from './quantile.ts';
import { clientFrame, MARK, openAll, RawClient, SIGN_OF_LIFE_MS } from './raw-client.ts';

/** Before the measuring, in another room: the server's code is compiled by then. */
const WARM_UP = 200;
/** Clients that are there before the storm: the first talks, all of them take the time. */
const LISTENERS = 20;
const MESSAGE_MS = 250;
const SAY = clientFrame(JSON.stringify({ type: 'say', text: MARK }));
const MARK_CODE = MARK.charCodeAt(0);
/** Beyond this it is given up, without figures. */
const STORM_MS = 120_000;
/** What the last join gave to tell is told by then. */
const AFTER_MS = 300;

export async function storm({ pid, port, clients }: StormJob): Promise<Figures> {
  const warm = await openAll(WARM_UP, (index) => ({ port, room: 'before', nick: `w${index}`, join: {} }));
  for (const { socket } of warm) socket.destroy();
  const options = (index: number) => ({ port, room: 'storm', nick: `m${index}`, join: {} });
  const members = await openAll(LISTENERS, options);
  await wait(AFTER_MS);

  const counters = members.map(counted);
  let saidAt = 0;
  const delays: number[] = [];
  for (const [i, listener] of members.entries()) {
    listener.onBytes = (length, buffer) => {
      const bytes = buffer.subarray(0, length);
      counters[i]?.count(bytes);
      if (bytes.includes(MARK_CODE)) delays.push(performance.now() - saidAt);
    };
  }
  const say = setInterval(() => {
    saidAt = performance.now();
    members[0]?.socket.write(SAY);
  }, MESSAGE_MS);
  const signs = setInterval(() => {
    for (const member of members) member.showLife();
  }, SIGN_OF_LIFE_MS);

  const cpuBefore = cpuSeconds(pid);
  const began = performance.now();
  while (members.length < clients) {
    if (performance.now() - began > STORM_MS) {
      process.stderr.write(`given up: only ${members.length} of ${clients} were in after ${STORM_MS / 1000} s\n`);
      return {};
    }
    const member = new RawClient(options(members.length));
    await member.ready;
    members.push(member);
    counters.push(counted(member));
  }
  const seconds = (performance.now() - began) / 1000;
  clearInterval(say);
  await wait(AFTER_MS);
  const total = cpuSeconds(pid) - cpuBefore;
  clearInterval(signs);
  const frames = counters.reduce((most, counter) => Math.max(most, counter.frames), 0);
  for (const { socket } of members) socket.destroy();
  // A short storm is over before anything was said.
  return { total, seconds, frames, ...(delays.length > 0 ? { p99: quantile(delays, 0.99) } : {}) };
}

/** Counts what comes after its "live". */
function counted(client: RawClient): FrameCounter {
  const counter = new FrameCounter();
  client.onBytes = (length, buffer) => counter.count(buffer.subarray(0, length));
  return counter;
}
