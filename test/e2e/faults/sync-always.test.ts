// A receipt is worth a sync.

import { expect, test } from 'vitest';
import { syncAlways } from './sync-always.ts';

test('no line is told before a sync that covers it has returned', async () => {
  const { counted, violations } = await syncAlways({ receipts: 1_000, seed: 1 });
  expect(violations).toEqual([]);
  expect(counted.syncs).toBeGreaterThan(20);
  expect(counted.ofTheSpeaker).toBeGreaterThan(100);
});
