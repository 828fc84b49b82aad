// Clients that read one room from its beginning, some at a time, with compressed frames or without.
import { cpuSeconds } from '../proc.ts';
import type { Figures, ReplaysJob } from './job.ts';
import { readAll } from './read-all.ts';

const AT_ONCE = 10;

export async function replays({ pid, port, room, joins, compressed }: ReplaysJob): Promise<Figures> {
  // The first reader only loads code.
  await readAll(port, room);
  let next = 0;
  let wire = 0;
  const one = async () => {
    while (next++ < joins) {
      const { bytes } = await readAll(port, room, compressed);
      wire += bytes;
    }
  };
  const cpuBefore = cpuSeconds(pid);
  const began = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  const seconds = (performance.now() - began) / 1000;
  return { total: cpuSeconds(pid) - cpuBefore, seconds, wire };
}
