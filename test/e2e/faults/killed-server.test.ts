// A server that is killed loses nothing that anybody has seen.

import { expect, test } from 'vitest';
import { killCycles } from './kill-cycles.ts';

test('through 20 kills, each message is in the log once and is shown once', { timeout: 120_000 }, async () => {
  const { counted, violations } = await killCycles({ cycles: 20, seed: 1 });
  expect(violations).toEqual([]);
  expect(counted.messages).toBeGreaterThan(500);
});
