// 200 joins at once with passwords of 1 MiB, and 200 whose passwords have to be hashed, while others chat.
// Usage: node test/support/run.js test/soak/scrypt-flood.ts [--cycles JOINS]

import { floodWithPasswords } from '../e2e/hardening/scrypt-flood.ts';
import { soak } from './soak.ts';

const P99_MS = 250;

await soak(200, async ({ cycles }) => {
  const { counted, violations, receipts } = await floodWithPasswords({ joins: cycles, rounds: 5 });
  const p99 = receipts[Math.floor(receipts.length * 0.99)] ?? Number.POSITIVE_INFINITY;
  const slow = p99 > P99_MS ? [`the p99 of the others was ${p99.toFixed(0)} ms`] : [];
  return { counted: { ...counted, p99Ms: Math.round(p99) }, violations: [...violations, ...slow] };
});
