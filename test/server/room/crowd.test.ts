import { expect, it } from 'vitest';
import { Crowd } from '../../../src/server/room/crowd.ts';
import { BentClock } from '../bent-clock.ts';

// Twenty are told singly in each 100 ms; the rest is one sum at the end of that time.

function watched() {
  const clock = new BentClock();
  const told: [number, number][] = [];
  const collects = { until: 0 };
  const crowd = new Crowd(
    clock,
    () => collects.until,
    (joined, left) => told.push([joined, left]),
  );
  return { clock, told, collects, crowd };
}

it('tells the first 20 singly, and sums up the others once the 100 ms are over', () => {
  const { clock, told, crowd } = watched();
  const singly = Array.from({ length: 30 }, (_, i) => crowd.admits(i % 3 === 0 ? 'left' : 'joined'));
  expect(singly).toEqual(Array.from({ length: 30 }, (_, i) => i < 20));
  clock.advance(99);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual([[7, 3]]);
  clock.advance(1_000);
  expect(told).toHaveLength(1);
});

it('begins anew after 100 ms, whatever the wall clock does', () => {
  const { clock, told, crowd } = watched();
  for (let i = 0; i < 20; i++) crowd.admits('joined');
  clock.jump(3 * 86_400_000);
  expect(crowd.admits('joined')).toBe(false);
  clock.advance(100);
  for (let i = 0; i < 20; i++) expect(crowd.admits('left')).toBe(true);
  clock.advance(100);
  expect(told).toEqual([[1, 0]]);
});

it('sums up all that is told together, where that is collected for longer', () => {
  const { clock, told, collects, crowd } = watched();
  collects.until = clock.monotonic() + 500;
  for (let i = 0; i < 50; i++) {
    crowd.admits('joined');
    clock.advance(9);
  }
  expect(told).toEqual([]);
  clock.advance(50);
  expect(told).toEqual([[30, 0]]);
});
