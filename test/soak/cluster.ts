// Strikes a cluster of three nodes and three nats-servers 150 times under six senders.
// Usage: node test/support/run.js test/soak/cluster.ts [--cycles N] [--seed S]

import { clusterFaults } from '../e2e/cluster/cluster-faults.ts';
import { soak } from './soak.ts';

await soak(150, clusterFaults);
