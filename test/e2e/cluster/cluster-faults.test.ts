import { expect, it } from 'vitest';
import { hasNatsServer } from '../../support/nats.ts';
import { clusterFaults } from './cluster-faults.ts';

it.skipIf(!hasNatsServer())(
  'no line is lost, doubled or shown twice, whatever of a cluster is killed, frozen, cut off or full',
  async () => {
    const { counted, violations } = await clusterFaults({ seed: 14, syncAlways: false, faults: 6, minutes: 2 });
    expect(violations).toEqual([]);
    expect(counted.faults).toBe(6);
    expect(counted.messages).toBeGreaterThan(100);
  },
  300_000,
);
