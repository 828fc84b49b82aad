// How many passwords are hashed at once, how many wait, and who goes first. The hashes are cheap ones: only the order
// matters here.

import { describe, expect, it } from 'vitest';
import type { PasswordHash } from '../../src/log/index.ts';
import { ProtocolError } from '../../src/protocol/index.ts';
import { PasswordHasher } from '../../src/server/password.ts';

/** No password's hash: each guess is wrong. */
const STORED: PasswordHash = { algorithm: 'scrypt', N: 2, r: 1, p: 1, salt: 'c2FsdA', hash: 'aGFzaA' };
const AT_ONCE = 2;
const WAITING = 16;

/** Asks for as many as are given, all in one turn; what each came to, in the order in which they came to it. */
async function hashAll(asked: readonly { name: string; suspect: boolean }[]): Promise<string[]> {
  const hasher = new PasswordHasher();
  const order: string[] = [];
  const ask = async ({ name, suspect }: { name: string; suspect: boolean }): Promise<void> => {
    try {
      await hasher.verify(name, STORED, suspect);
      order.push(name);
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError);
      order.push(`${name} ${error instanceof ProtocolError ? error.code : ''}`);
    }
  };
  await Promise.all(asked.map(ask));
  return order;
}

const some = (name: string, count: number, suspect: boolean) =>
  Array.from({ length: count }, (_, i) => ({ name: `${name}${i}`, suspect }));

describe('a hasher', () => {
  it.each([false, true])('takes 2 and lets 16 wait; the next is turned away (suspects: %s)', async (suspect) => {
    const fits = await hashAll(some('a', AT_ONCE + WAITING, suspect));
    expect(fits.filter((one) => one.includes('overloaded'))).toEqual([]);
    const over = await hashAll(some('a', AT_ONCE + WAITING + 1, suspect));
    expect(over.filter((one) => one.includes('overloaded'))).toEqual([`a${AT_ONCE + WAITING} overloaded`]);
  });

  it('lets suspects wait behind all others, and turns one of them away for somebody else', async () => {
    const order = await hashAll([...some('eve', AT_ONCE + WAITING, true), ...some('ann', 2, false)]);
    // The last two suspects had to go; the first two were being hashed already.
    expect(order.filter((one) => one.includes('overloaded'))).toEqual(['eve17 overloaded', 'eve16 overloaded']);
    const hashed = order.filter((one) => !one.includes('overloaded'));
    expect(hashed).toHaveLength(AT_ONCE + WAITING);
    // Two finish at the same time, in either order.
    expect(hashed.slice(0, 2).sort()).toEqual(['eve0', 'eve1']);
    expect(hashed.slice(2, 4).sort()).toEqual(['ann0', 'ann1']);
  });
});
