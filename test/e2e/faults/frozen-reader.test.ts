// A reader that is frozen costs a cursor, and misses nothing.

import { expect, test } from 'vitest';
import { frozenReader } from './frozen-reader.ts';

test('a reader that is stopped while 20 MiB pass gets them in order, once', { timeout: 60_000 }, async () => {
  const { counted, violations } = await frozenReader({ mebibytes: 20 });
  expect(violations).toEqual([]);
  expect(counted.whileFrozen).toBeGreaterThan(1_000);
});
