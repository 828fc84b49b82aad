// Bytes that change in logs are found, never served, and lost exactly as announced.

import { expect, test } from 'vitest';
import { damageLogs } from './damage.ts';

test('each of many wrong bytes is found, none is served, and a repair loses what it announces', async () => {
  const { counted, violations } = await damageLogs({ cycles: 12, seed: 1 });
  expect(violations).toEqual([]);
  expect(counted.flips).toBeGreaterThan(12);
}, 120_000);
