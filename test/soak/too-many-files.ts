// 200 clients at a server under `ulimit -n 64`: refused with 503 above the limit, and places are free again within 5 s.
// Usage: node test/support/run.js test/soak/too-many-files.ts [--cycles CLIENTS]

import { tooManyFiles } from '../e2e/hardening/too-many-files.ts';
import { soak } from './soak.ts';

const RECOVERY_MS = 5_000;

await soak(200, async ({ cycles }) => {
  const { counted, violations, recovery } = await tooManyFiles({ cycles });
  const found = [...violations];
  if (recovery > RECOVERY_MS) found.push(`places were free again after ${recovery.toFixed(0)} ms`);
  if (counted.cut !== 0) found.push(`${counted.cut} were cut off without a word`);
  return { counted: { ...counted, recoveryMs: Math.round(recovery) }, violations: found };
});
