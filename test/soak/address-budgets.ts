// One address with 256 connections floods the server with deflated newlines, commands, questions who is here, renames,
// long messages, pings, replays and searches, each for a while, as two others talk: their p99 stays under 250 ms.
// Usage: node test/support/run.js test/soak/address-budgets.ts [--cycles MILLISECONDS]

import { floodFromOneAddress } from '../e2e/hardening/address-budgets.ts';
import { soak } from './soak.ts';

const P99_MS = 250;

await soak(10_000, async ({ cycles }) => {
  const flooding = { connections: 250, ms: cycles, history: 64 * 1024 * 1024 };
  const { counted, violations, p99s } = await floodFromOneAddress(flooding);
  const slow = [...p99s]
    .filter(([, p99]) => p99 > P99_MS)
    .map(([kind, p99]) => `${kind}: the p99 of the others was ${p99.toFixed(0)} ms`);
  return { counted, violations: [...violations, ...slow] };
});
