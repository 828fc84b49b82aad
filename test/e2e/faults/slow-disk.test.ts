// A disk that is slow, stands still or fails once, under the real command. Figures are the soak's; here it is only that
// nothing is lost, nothing comes twice, nobody is sent away, and the server stops as it should.

import { expect, test } from 'vitest';
import { failingCalls } from './failing-calls.ts';
import { slowDisk } from './slow-disk.ts';

const MODES = ['always', 'interval', 'off'] as const;

test.each(MODES)(
  '%s: nothing is lost on a slow disk, nor on one that stands still',
  { timeout: 120_000 },
  async (sync) => {
    const { violations, counted } = await slowDisk(sync, { rooms: 12, seconds: 1, latencies: [20], stallSeconds: 3 });
    expect(violations).toEqual([]);
    expect(counted.messages).toBeGreaterThan(50);
  },
);

test.each(MODES)(
  '%s: a call that fails once loses nothing and stops nobody else',
  { timeout: 240_000 },
  async (sync) => {
    const { violations, counted } = await failingCalls(sync);
    expect(violations).toEqual([]);
    expect(counted.callsSaid).toBeGreaterThan(3);
  },
);
