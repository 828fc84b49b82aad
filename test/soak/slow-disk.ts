// 300 rooms on a disk that takes 1, 20 and 200 ms for a sync, that stands still for 30 s, and whose calls fail once each.
// Usage: node test/support/run.js test/soak/slow-disk.ts [--cycles ROOMS]; fewer than 100 rooms: a short run.

import { failingCalls } from '../e2e/faults/failing-calls.ts';
import { slowDisk } from '../e2e/faults/slow-disk.ts';
import { soak } from './soak.ts';

const P99_MS = 250;
const MOST_MEMORY = 64 * 1024 * 1024;

await soak(300, async ({ cycles }) => {
  const isShort = cycles < 100;
  const violations: string[] = [];
  const counted: Record<string, number> = {};
  const latencies = isShort ? [20] : [1, 20, 200];
  for (const sync of ['always', 'interval', 'off'] as const) {
    const figures = { rooms: cycles, seconds: isShort ? 2 : 10, latencies, stallSeconds: isShort ? 7 : 30 };
    const slow = await slowDisk(sync, figures);
    const failing = await failingCalls(sync);
    if (slow.worst > P99_MS) violations.push(`${sync}: the p99 of another room was ${slow.worst.toFixed(0)} ms`);
    if (slow.memory > MOST_MEMORY) violations.push(`${sync}: ${slow.memory} bytes more than the quiet run`);
    for (const found of [...slow.violations, ...failing.violations]) violations.push(`${sync}: ${found}`);
    for (const [what, count] of Object.entries(slow.counted)) counted[`${sync}:${what}`] = count;
    counted[`${sync}:failedCalls`] = failing.counted.callsSaid ?? 0;
  }
  return { counted, violations };
});
