// Connections break; messages do not.

import { expect, test } from 'vitest';
import { cutOffCommands, cutOffSessions } from './cut-off.ts';

test.each([1, 2, 3])('500 messages through breaking connections, each once and in order (seed %i)', async (seed) => {
  const { counted, violations } = await cutOffSessions({ messages: 500, seed });
  expect(violations).toEqual([]);
  expect(counted.losses).toBeGreaterThan(0);
});

test('say and join come back, and neither loses nor repeats a line', async () => {
  const { counted, violations } = await cutOffCommands({ messages: 500, cuts: 2, seed: 1 });
  expect(violations).toEqual([]);
  expect(counted.cuts).toBeGreaterThan(2);
});
