// 500 clients through a restart, and 40 stops under load.
// Usage: node test/support/run.js test/soak/restart.ts [--cycles STOPS] [--seed S]

import { everyoneComesBack, shutdownUnderLoad } from '../e2e/faults/restart.ts';
import { soak } from './soak.ts';

const CLIENTS = 500;

await soak(40, async ({ cycles, seed }) => {
  const crowd = await everyoneComesBack({ clients: CLIENTS, seed });
  const stops = await shutdownUnderLoad({ rounds: cycles, seed });
  return {
    counted: { ...crowd.counted, ...stops.counted },
    violations: [...crowd.violations, ...stops.violations],
  };
});
