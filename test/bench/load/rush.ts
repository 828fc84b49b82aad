// Connections that come in a rush and stay: what each costs the server in CPU, and after a silence in memory.
import { setTimeout as wait } from 'node:timers/promises';
import { cpuSeconds, ownBytes } from '../proc.ts';
import type { Figures, RushJob } from './job.ts';
import { openAll, SIGN_OF_LIFE_MS } from './raw-client.ts';

/** The first connections only load code. */
const FIRST = 200;
const ROOMS = 100;
/** As many as a server on Node lets wait (its backlog is 511), with some to spare. */
const AT_ONCE = 400;
/** How often memory is looked at for its peak. */
const SAMPLE_MS = 20;
/** What the joins gave to tell is told by then. */
const AFTER_MS = 500;

export async function rush({ pid, port, connections, joins, silenceMs }: RushJob): Promise<Figures> {
  const options = (index: number) => ({
    port,
    room: `rush-${index % ROOMS}`,
    nick: `m${index}`,
    join: joins ? {} : undefined,
  });
  const clients = await openAll(FIRST, options);
  await wait(1_000);
  const before = ownBytes(pid);
  let highest = before;
  const samples = setInterval(() => {
    highest = Math.max(highest, ownBytes(pid));
  }, SAMPLE_MS);
  const cpuBefore = cpuSeconds(pid);
  clients.push(...(await openAll(connections, (index) => options(FIRST + index), AT_ONCE)));
  await wait(AFTER_MS);
  const cpu = (cpuSeconds(pid) - cpuBefore) / connections;
  if (silenceMs === undefined) {
    clearInterval(samples);
    for (const { socket } of clients) socket.destroy();
    return { cpu };
  }
  const signs = setInterval(() => {
    for (const client of clients) client.showLife();
  }, SIGN_OF_LIFE_MS);
  await wait(silenceMs);
  clearInterval(signs);
  clearInterval(samples);
  const bytes = (ownBytes(pid) - before) / connections;
  const peak = (highest - before) / connections;
  for (const { socket } of clients) socket.destroy();
  return { bytes, peak };
}
