// Kills the server 1,000 times under eight senders.
// Usage: node test/support/run.js test/soak/killed-server.ts [--cycles N] [--seed S]

import { killCycles } from '../e2e/faults/kill-cycles.ts';
import { soak } from './soak.ts';

await soak(1_000, killCycles);
