// 10,000 receipts of a server that syncs before it tells.
// Usage: node test/support/run.js test/soak/sync-always.ts [--cycles RECEIPTS] [--seed S]

import { syncAlways } from '../e2e/faults/sync-always.ts';
import { soak } from './soak.ts';

await soak(10_000, ({ cycles, seed }) => syncAlways({ receipts: cycles, seed }));
