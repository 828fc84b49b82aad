// Joins and resumes in a room with 20 senders at full speed; prints the processor time until the slowest joiner was live.
// Usage: node test/support/run.js test/soak/busy-room.ts [--cycles N] [--seed S]

import { busyRoom } from '../e2e/faults/busy-room-replay.ts';
import { soak } from './soak.ts';

const LIVE_WITHIN_MS = 1_000;

await soak(200, async ({ cycles, seed }) => {
  const { counted, violations } = await busyRoom({ rounds: cycles, seed });
  const slowest = counted.slowestLiveMs ?? 0;
  const late = slowest > LIVE_WITHIN_MS ? [`a joiner took ${slowest} ms to be live`] : [];
  return { counted, violations: [...violations, ...late] };
});
