// Connections on which nothing happens are ended by the server.

import { expect, test } from 'vitest';
import { keepSilent } from './silent-sockets.ts';

test('slow headers, silent sockets and peers that never join are all sent away', async () => {
  const { counted, violations } = await keepSilent({ cycles: 90 });
  expect(violations).toEqual([]);
  expect(counted.sockets).toBe(90);
});
