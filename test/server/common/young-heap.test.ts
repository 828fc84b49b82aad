// What V8's young generation holds, on the real V8: whatever is made in it stays there until it is collected.

import { getHeapSpaceStatistics } from 'node:v8';
import { beforeEach, expect, it } from 'vitest';
import { YoungHeap } from '../../../src/server/common/young-heap.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const QUIET_LOOKS = 5;
const MOST_TRIES = 5;

let kept: unknown[] = [];

beforeEach(() => {
  kept = [];
  // What stays makes it grow. Then it is nearly empty: V8 is not to collect it by itself in the middle of a test.
  while (young().size < 16 * MIB) kept.push(Array.from({ length: 1_000 }, (_, i) => ({ i })));
  while (young().used > MIB) makeGarbage(KIB);
});

function young() {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  return { size: space?.space_size ?? 0, used: space?.space_used_size ?? 0 };
}

function makeGarbage(bytes: number): void {
  for (let made = 0; made < bytes; made += KIB) kept[0] = new Array(KIB / 8).fill(0);
}

/** Whether a look that comes when so many bytes of garbage were made has them collected. */
function collects(heap: YoungHeap, garbage: number): boolean {
  makeGarbage(garbage);
  const before = young().used;
  heap.look();
  return young().used < before - garbage / 2;
}

it('a young generation that has grown is collected once nothing has been made for five looks, and not for ever', () => {
  const heap = new YoungHeap();
  collects(heap, 1.5 * MIB);
  for (let look = 0; look < QUIET_LOOKS; look++) expect(collects(heap, MIB / 4)).toBe(false);
  expect(collects(heap, MIB / 4)).toBe(true);
  // V8 may have shrunk it, or not: in neither case is there anything more to do in the end.
  for (let look = 1; look < MOST_TRIES; look++) heap.look();
  for (let look = 0; look <= QUIET_LOOKS; look++) expect(collects(heap, MIB / 4)).toBe(false);
});

it('while the server is at work nothing is collected, and the silence begins anew', () => {
  const heap = new YoungHeap();
  collects(heap, 1.5 * MIB);
  for (let look = 0; look < QUIET_LOOKS; look++) expect(collects(heap, 4 * KIB)).toBe(false);
  expect(collects(heap, 1.5 * MIB)).toBe(false);
  for (let look = 0; look < QUIET_LOOKS; look++) expect(collects(heap, 4 * KIB)).toBe(false);
});
