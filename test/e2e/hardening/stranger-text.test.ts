// Texts that are made to cost more than their bytes are refused or shown like any other.

import { expect, test } from 'vitest';
import { sendStrangerText } from './stranger-text.ts';

test('names of marks and a history of dashes hold nobody up', async () => {
  // The client's patience is what 300 such messages exceeded by far while each was searched anew at every dash.
  const { counted, violations } = await sendStrangerText({ names: 4, messages: 300 });
  expect(violations).toEqual([]);
  expect(counted).toMatchObject({ names: 12, messages: 300 });
});
