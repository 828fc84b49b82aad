// The page's place in a room: the claim by which it is the same client where a welcome was lost, also after a reload.

import { expect, it } from 'vitest';
import { Membership } from '../../../src/page/membership.page.js?code';
import { decodeCommand } from '../../../src/protocol/index.ts';

const WELCOME = { id: 'i', key: 'k', epoch: 'e', after: 0, protected: false };

const claimOf = (membership: Membership): string | undefined => {
  const command = decodeCommand(JSON.stringify(membership.join('bob', undefined, false)));
  return command.type === 'join' ? command.claim : undefined;
};

it('makes the same claim until it has a welcome, over a reload as well, and another one then', () => {
  const membership = new Membership({});
  const claim = claimOf(membership);
  expect(claim).toMatch(/^[0-9a-f]{32}$/);
  expect(claimOf(membership)).toBe(claim);
  const reloaded = new Membership(JSON.parse(JSON.stringify(membership)));
  expect(claimOf(reloaded)).toBe(claim);
  reloaded.welcomed(WELCOME);
  expect(claimOf(reloaded)).not.toBe(claim);
  expect(claimOf(new Membership({}))).not.toBe(claim);
});
