// Ten minutes of faults on a cluster of three nodes and three nats-servers under six speakers.
// Usage: node test/support/run.js test/soak/cluster.ts [--minutes N] [--cycles FAULTS] [--seed S] [--sync always|default] [--only FAULT]
// Without --sync, an odd seed has nats-servers that sync each write.

import { parseArgs } from 'node:util';
import { clusterFaults } from '../e2e/cluster/cluster-faults.ts';

/** A run that has not ended by itself so long after its time is ended. */
const GRACE_MINUTES = 8;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    cycles: { type: 'string' },
    seed: { type: 'string' },
    sync: { type: 'string' },
    only: { type: 'string' },
  },
});
const faults = Number(values.cycles ?? Number.MAX_SAFE_INTEGER);
const minutes = Number(values.minutes ?? 10);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const sync = values.sync ?? (seed % 2 === 1 ? 'always' : 'default');
if (!Number.isSafeInteger(seed) || !(faults > 0) || !(minutes > 0) || (sync !== 'always' && sync !== 'default')) {
  throw new Error('--minutes, --cycles and --seed take numbers, --sync takes always or default.');
}
setTimeout(
  () => {
    console.log('The run does not end.');
    process.exit(1);
  },
  (minutes + GRACE_MINUTES) * 60_000,
).unref();
const began = performance.now();
const { counted, violations } = await clusterFaults({
  seed,
  syncAlways: sync === 'always',
  faults,
  minutes,
  only: values.only,
});
for (const violation of violations) console.log(violation);
const { messages, faults: struck, ...figures } = counted;
const seconds = ((performance.now() - began) / 1000).toFixed(0);
const rest = Object.entries(figures).map(([what, count]) => `${what} ${count}`);
console.log(`cluster: seed ${seed}, sync ${sync}, ${rest.join(', ')}, in ${seconds} s`);
console.log(`${messages} messages, ${struck} faults, ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
