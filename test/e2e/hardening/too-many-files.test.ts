// A server that may open few files takes as many clients as it can serve, and refuses the others in plain words.

import { expect, test } from 'vitest';
import { tooManyFiles } from './too-many-files.ts';

test('200 clients at a server that may open 64 files', async () => {
  const { counted, violations } = await tooManyFiles({ cycles: 200 });
  expect(violations).toEqual([]);
  expect(counted.inside).toBeGreaterThan(15);
  expect(counted.inside).toBeLessThan(64);
  expect(counted.refused).toBe(200 - (counted.inside ?? 0));
});
