// 1,000 sockets that send a byte a second, nothing, or nothing more after the upgrade: closed within 12 s, under 20 MiB.
// Usage: node test/support/run.js test/soak/silent-sockets.ts [--cycles SOCKETS]

import { keepSilent } from '../e2e/hardening/silent-sockets.ts';
import { soak } from './soak.ts';

const END_MS = 12_000;
const MEMORY = 20 * 1024 * 1024;

await soak(1_000, async ({ cycles }) => {
  const { counted, violations, slowestEnd, memory } = await keepSilent({ cycles });
  const found = [...violations];
  if (slowestEnd > END_MS) found.push(`a silent socket lasted ${slowestEnd.toFixed(0)} ms`);
  if (memory > MEMORY) found.push(`they cost the server ${(memory / 1024 / 1024).toFixed(1)} MiB`);
  const memoryKiB = Math.round(memory / 1024);
  return { counted: { ...counted, slowestEndMs: Math.round(slowestEnd), memoryKiB }, violations: found };
});
