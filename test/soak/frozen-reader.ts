// 50 MiB pass a stopped reader; prints what the server's memory rose by and how long the others waited.
// Usage: node test/support/run.js test/soak/frozen-reader.ts [--cycles MEBIBYTES]

import { frozenReader } from '../e2e/faults/frozen-reader.ts';
import { soak } from './soak.ts';

/** Below this a difference is the machine's own. */
const NOISE_MS = 5;

await soak(50, async ({ cycles }) => {
  const { counted, violations } = await frozenReader({ mebibytes: cycles });
  const { p99Ms = 0, p99FrozenMs = 0 } = counted;
  const isSlow = p99FrozenMs > Math.max(2 * p99Ms, NOISE_MS);
  const slow = isSlow ? [`the others' p99 rose from ${p99Ms} to ${p99FrozenMs} ms`] : [];
  return { counted, violations: [...violations, ...slow] };
});
