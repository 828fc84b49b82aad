import { expect, it } from 'vitest';
import { Crowd } from '../../../src/server/room/crowd.ts';
import { BentClock } from '../bent-clock.ts';

// Twenty are told singly in each 100 ms; the rest is one sum at the end of that time.

function watched() {
  const clock = new BentClock();
  const told: [number, number][] = [];
  return { clock, told, crowd: new Crowd(clock, (joined, left) => told.push([joined, left])) };
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
