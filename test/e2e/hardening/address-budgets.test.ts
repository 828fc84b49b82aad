// Opening many connections buys an address nothing, whatever it floods the server with.

import { expect, test } from 'vitest';
import { FLOOD_KINDS } from '../../support/flood-kinds.ts';
import { floodFromOneAddress } from './address-budgets.ts';

test.each(FLOOD_KINDS)('an address that floods with %s gets what one connection gets', async (kind) => {
  const { violations } = await floodFromOneAddress({
    connections: 48,
    ms: 1_500,
    history: 4 * 1024 * 1024,
    kinds: [kind],
  });
  expect(violations).toEqual([]);
});
