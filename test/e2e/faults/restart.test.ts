// A stop is announced by nothing but the close code, and costs nobody a message.

import { expect, test } from 'vitest';
import { everyoneComesBack, shutdownUnderLoad } from './restart.ts';

test('a server that is told to stop under load ends with 0, and everybody comes back with every message', async () => {
  const { counted, violations } = await shutdownUnderLoad({ rounds: 1, seed: 1 });
  expect(violations).toEqual([]);
  expect(counted.messages).toBeGreaterThan(100);
});

test('those who were cut off together do not come back together', async () => {
  const { violations } = await everyoneComesBack({ clients: 100, seed: 1 });
  expect(violations).toEqual([]);
});
