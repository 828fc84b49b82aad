// Connections that come, perhaps join, and go, some at a time: what a handshake costs the server.
import { cpuSeconds } from '../proc.ts';
import type { Figures, JoinJob } from './job.ts';
import { RawClient } from './raw-client.ts';

const AT_ONCE = 16;
const ROOMS = 100;
/** Before the measuring: the server's code is compiled by then. */
const WARM_UP = 1_000;

export async function joinAndGo(job: JoinJob): Promise<Figures> {
  await comeAndGo(job, WARM_UP);
  const cpuBefore = cpuSeconds(job.pid);
  const began = performance.now();
  await comeAndGo(job, job.connections);
  const seconds = (performance.now() - began) / 1000;
  return { cpu: (cpuSeconds(job.pid) - cpuBefore) / job.connections, rate: job.connections / seconds };
}

async function comeAndGo({ port, joins }: JoinJob, connections: number): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < connections) {
      const room = `door-${next % ROOMS}`;
      const client = new RawClient({ port, room, nick: `m${next++}`, join: joins ? { last: 0 } : undefined });
      await client.ready;
      await new Promise((resolve) => {
        client.socket.once('close', resolve);
        client.socket.destroy();
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}
