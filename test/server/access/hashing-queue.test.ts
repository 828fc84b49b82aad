// How many passwords are hashed at once, how many wait, and who goes first. The work is none at all: only the order
// matters here.

import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../src/protocol/index.ts';
import { type Applicant, HashingQueue, type Rank } from '../../../src/server/access/hashing-queue.ts';

const AT_ONCE = 2;

interface Asking extends Partial<Applicant> {
  readonly name: string;
}

/** All ask in one turn. The names in the order in which they are served or turned away (`-name`). */
async function serveAll(asking: readonly Asking[], queue = new HashingQueue()): Promise<string[]> {
  const order: string[] = [];
  await Promise.all(
    asking.map(async ({ name, ...different }) => {
      const applicant = { rank: 'new', room: 'r', network: name, isGone: () => false, ...different } as const;
      try {
        await queue.run(applicant, async () => void order.push(name));
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
        expect(error).toMatchObject({ code: 'overloaded' });
        order.push(`-${name}`);
      }
    }),
  );
  return order;
}

const some = (name: string, count: number, fields: Partial<Applicant> = {}): Asking[] =>
  Array.from({ length: count }, (_, i) => ({ name: `${name}${i}`, ...fields }));

const refused = (order: readonly string[]): string[] => order.filter((name) => name.startsWith('-'));
const served = (order: readonly string[]): string[] => order.filter((name) => !name.startsWith('-'));

describe('a queue', () => {
  it.each<[Rank, number]>([
    ['proven', 16],
    ['new', 64],
    ['suspect', 16],
  ])('takes 2, and of the rank "%s" lets %i wait; the next is turned away', async (rank, places) => {
    expect(refused(await serveAll(some('a', AT_ONCE + places, { rank })))).toEqual([]);
    expect(refused(await serveAll(some('a', AT_ONCE + places + 1, { rank })))).toEqual([`-a${AT_ONCE + places}`]);
  });

  it('has places for one rank that no flood of another takes', async () => {
    const order = await serveAll([
      ...some('eve', 100, { rank: 'suspect' }),
      ...some('mallory', 100),
      ...some('ann', 16, { rank: 'proven' }),
    ]);
    expect(refused(order).filter((name) => name.startsWith('-ann'))).toEqual([]);
    // Two were being served when they came. Then three turns of four are theirs, and everybody has some.
    const first = served(order).slice(AT_ONCE, AT_ONCE + 16);
    expect(first.filter((name) => name.startsWith('ann'))).toHaveLength(10);
    expect(first.filter((name) => name.startsWith('mallory'))).toHaveLength(4);
    expect(first.filter((name) => name.startsWith('eve'))).toHaveLength(2);
  });

  it('serves the room next that was served the longest ago, and makes room for it', async () => {
    const order = await serveAll([
      ...some('mallory', 100),
      { name: 'ann', room: 'hers' },
      { name: 'bob', room: 'his' },
    ]);
    expect(served(order).slice(AT_ONCE, AT_ONCE + 2)).toEqual(['ann', 'bob']);
    expect(refused(order)).toHaveLength(102 - AT_ONCE - 64);
  });

  it('serves the network next that was served the longest ago, and makes room for it', async () => {
    const order = await serveAll([...some('mallory', 100, { network: 'one' }), { name: 'ann' }, { name: 'bob' }]);
    expect(served(order).slice(AT_ONCE, AT_ONCE + 2)).toEqual(['ann', 'bob']);
  });

  it('remembers that when nobody waits any more', async () => {
    const queue = new HashingQueue();
    await serveAll(some('mallory', 4, { network: 'one' }), queue);
    const busy = some('busy', AT_ONCE, { network: 'two', room: 'other' });
    const order = await serveAll([...busy, { name: 'mallory', network: 'one' }, { name: 'ann' }], queue);
    expect(order.slice(AT_ONCE)).toEqual(['ann', 'mallory']);
  });

  it('hashes nothing for those who have left', async () => {
    const order = await serveAll([...some('a', AT_ONCE), ...some('gone', 5, { isGone: () => true }), { name: 'b' }]);
    expect(served(order)).toEqual(['a0', 'a1', 'b']);
    expect(refused(order)).toHaveLength(5);
  });

  it('goes on after work that fails', async () => {
    const queue = new HashingQueue();
    const applicant: Applicant = { rank: 'new', room: 'r', network: 'n', isGone: () => false };
    const failing = Array.from({ length: 5 }, () => queue.run(applicant, () => Promise.reject(new Error('no memory'))));
    for (const result of await Promise.allSettled(failing)) expect(result.status).toBe('rejected');
    expect(await serveAll(some('a', 3), queue)).toHaveLength(3);
  });
});
