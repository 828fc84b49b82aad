// Kicked clients that try their resume keys again and again, also right after a kill -9 of the server, and rooms that are
// deleted while others join and reset.
// Usage: node test/support/run.js test/soak/removed-stays-out.ts [--cycles ROUNDS]

import { removeAgainAndAgain } from '../e2e/hardening/removed-stays-out.ts';
import { soak } from './soak.ts';

const P99_MS = 250;

await soak(200, async ({ cycles }) => {
  const { counted, violations, p99 } = await removeAgainAndAgain({ rounds: cycles, killEvery: 10 });
  const slow = p99 > P99_MS ? [`the p99 of the others was ${p99.toFixed(0)} ms`] : [];
  return { counted: { ...counted, p99Ms: Math.round(p99) }, violations: [...violations, ...slow] };
});
