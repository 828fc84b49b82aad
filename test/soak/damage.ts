// Changes bytes in 500 logs, open and closed, and repairs them.
// Usage: node test/support/run.js test/soak/damage.ts [--cycles N] [--seed S]

import { damageLogs } from '../e2e/faults/damage.ts';
import { soak } from './soak.ts';

await soak(500, damageLogs);
