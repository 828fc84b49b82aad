import { expect, it } from 'vitest';
import { hasNatsServer } from '../../support/nats.ts';
import { clusterFaults } from './cluster-faults.ts';

it.skipIf(!hasNatsServer())(
  'no line is lost, doubled or shown twice, whatever of a cluster is killed or frozen',
  async () => {
    const { counted, violations } = await clusterFaults({ seed: 14, syncAlways: false, faults: 6, minutes: 1 });
    expect(violations).toEqual([]);
    expect(counted.messages).toBeGreaterThan(1_000);
  },
  300_000,
);
