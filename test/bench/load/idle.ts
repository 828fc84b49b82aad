// Connections that stay and say nothing: what each costs the server in memory, and in CPU while nothing happens.
import { setTimeout as wait } from 'node:timers/promises';
import { cpuSeconds, residentBytes } from '../proc.ts';
import type { Figures, IdleJob } from './job.ts';
import { openAll } from './raw-client.ts';

/** The first connections only load code. */
const FIRST = 200;
/** What the rush took of V8's young generation stays resident for about half a minute, with every server on Node. */
const SETTLE_MS = 15_000;

export async function idle(job: IdleJob): Promise<Figures> {
  const options = (index: number) => ({
    port: job.port,
    room: `idle-${index % job.rooms}`,
    nick: `m${index}`,
    join: {},
  });
  const clients = await openAll(FIRST, options);
  await wait(1_000);
  const before = residentBytes(job.pid);
  clients.push(...(await openAll(job.connections, (index) => options(FIRST + index))));
  await wait(SETTLE_MS);
  const cpuBefore = cpuSeconds(job.pid);
  await wait(job.holdMs);
  const bytes = (residentBytes(job.pid) - before) / job.connections;
  const cpu = (cpuSeconds(job.pid) - cpuBefore) / (job.holdMs / 1000) / clients.length;
  for (const client of clients) client.socket.destroy();
  return { bytes, cpu };
}
