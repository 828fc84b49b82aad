// The bucket of tokens, on a clock that stands where the test puts it.
import { expect, test } from 'vitest';
import { ControlRate } from '../../src/websocket/control-rate.ts';

test('a burst of 100 passes, then as many a second as the rate says', () => {
  const rate = new ControlRate(20);
  for (let i = 0; i < 100; i++) expect(rate.count(5000)).toBe(0);
  expect(rate.count(5000)).toBe(50);
  expect(rate.count(5050)).toBe(50);
  // A second gives twenty, one of which was owed.
  for (let i = 0; i < 19; i++) expect(rate.count(6050)).toBe(0);
  expect(rate.count(6050)).toBe(50);
});

test('an hour of silence gives no more than a burst', () => {
  const rate = new ControlRate(20);
  rate.count(0);
  for (let i = 0; i < 100; i++) expect(rate.count(3_600_000)).toBe(0);
  expect(rate.count(3_600_000)).toBeGreaterThan(0);
});
