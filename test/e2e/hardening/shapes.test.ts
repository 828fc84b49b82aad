// Lines of every wrong shape are answered by an error line, never by an exception.

import { expect, test } from 'vitest';
import { wrongShapes } from './shapes.ts';

test('20,000 generated lines', { timeout: 120_000 }, async () => {
  const { counted, violations } = await wrongShapes({ cycles: 20_000, seed: 1 });
  expect(violations).toEqual([]);
  // Most are refused, by one decoder or the other; some must be taken, or nothing but the JSON parser was tried.
  expect(counted.refused).toBeGreaterThan(20_000);
  expect(counted.control).toBe(2_000);
  expect(counted.ended).toBeGreaterThan(100);
  expect(counted.ended).toBeLessThan(400);
});
