import { randomBytes, scryptSync } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Applicant } from '../../../src/server/access/hashing-queue.ts';
import { newClientId, resumeKey, resumeKeyFits } from '../../../src/server/access/identity.ts';
import { PasswordHasher } from '../../../src/server/access/password.ts';
import { PasswordGate } from '../../../src/server/access/password-gate.ts';
import { type ClientAddress, clientAddress } from '../../../src/server/addresses/address.ts';
import { BentClock } from '../bent-clock.ts';

// Who one is, by a key, and who may come in, by a password.

describe('ids and keys', () => {
  it('are never the same twice, and need no escape anywhere', () => {
    const ids = Array.from({ length: 10_000 }, newClientId);
    expect(new Set(ids).size).toBe(10_000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-z]{24}$/);
  });

  it('fit only with the same secret, epoch and id', () => {
    const secret = randomBytes(32);
    const key = resumeKey(secret, 'epoch', 'id');
    expect(resumeKeyFits(secret, 'epoch', 'id', key)).toBe(true);
    expect(resumeKeyFits(randomBytes(32), 'epoch', 'id', key)).toBe(false);
    expect(resumeKeyFits(secret, 'other', 'id', key)).toBe(false);
    expect(resumeKeyFits(secret, 'epoch', 'other', key)).toBe(false);
    // Where one ends and the other begins is part of what is signed.
    expect(resumeKeyFits(secret, 'epochi', 'd', key)).toBe(false);
    for (const forged of ['', 'x', `${key}x`, key.slice(1), '\u00e9'.repeat(key.length)]) {
      expect(resumeKeyFits(secret, 'epoch', 'id', forged)).toBe(false);
    }
  });
});

/** A hash with little cost: what the gate lets pass does not depend on how long a check takes. */
const stored = {
  algorithm: 'scrypt',
  N: 2,
  r: 1,
  p: 1,
  salt: 'c2FsdA',
  hash: scryptSync('right', 'salt', 32, { N: 2, r: 1, p: 1 }).toString('base64url'),
} as const;

const isGone = (): boolean => false;
const someone: Applicant = { rank: 'new', room: 'r', network: '192.0.2.1', isGone };

/** The address that a proxy tells. */
function at(text: string): ClientAddress {
  const request = new IncomingMessage(new Socket());
  request.headers['x-forwarded-for'] = text;
  return clientAddress(request, true);
}

describe('the gate', () => {
  it('lets the right password in as often as it comes, and hashes no fourth wrong one within a minute', async () => {
    const clock = new BentClock();
    const gate = new PasswordGate(new PasswordHasher(), clock);
    const check = (password: string | undefined, address = '192.0.2.1', room = 'r') =>
      gate.check({ address: at(address), room, isGone }, password, stored).then(
        () => 'in',
        (error: { code: string }) => error.code,
      );
    expect(await check(undefined)).toBe('password_required');
    for (let i = 0; i < 5; i++) expect(await check('right')).toBe('in');
    // At once: they are checked one after the other, so that a burst is not hashed before the first is judged.
    expect(await Promise.all([1, 2, 3, 4, 5].map((n) => check(`wrong ${n}`)))).toEqual([
      'password_wrong',
      'password_wrong',
      'password_wrong',
      'throttled',
      'throttled',
    ]);
    expect(await check('right', '192.0.2.2')).toBe('in');
    expect(await check('right', '192.0.2.1', 'other')).toBe('in');
    clock.advance(60_000);
    expect(await check('right')).toBe('in');
  });

  it('lets somebody in who has been in before, whatever the neighbours in the network have guessed', async () => {
    const gate = new PasswordGate(new PasswordHasher(), new BentClock());
    const check = (password: string, address: string, room = 'r') =>
      gate.check({ address: at(address), room, isGone }, password, stored).then(
        () => 'in',
        (error: { code: string }) => error.code,
      );
    const subnet = (i: number): string => `2001:db8:0:${i.toString(16)}::1`;
    expect(await check('right', subnet(0xffff))).toBe('in');
    // Three wrong ones of each /64, twelve of each /56, and of the /48 no more than 48.
    const answers: string[] = [];
    for (let i = 0; i < 60; i++) answers.push(await check('wrong', subnet(i * 256)));
    expect(answers).toEqual([...Array(48).fill('password_wrong'), ...Array(12).fill('throttled')]);
    expect(await check('right', subnet(0xfffe))).toBe('throttled');
    expect(await check('right', subnet(0xffff))).toBe('in');
    expect(await check('right', subnet(0xffff), 'another room')).toBe('in');
    // Its own guesses count for it as for everybody.
    for (let i = 0; i < 3; i++) expect(await check('wrong', subnet(0xffff))).toBe('password_wrong');
    expect(await check('right', subnet(0xffff))).toBe('throttled');
  });

  it('takes a password in either of its Unicode forms', async () => {
    const hasher = new PasswordHasher();
    const composed = await hasher.hash('caf\u00e9');
    expect(await hasher.verify('cafe\u0301', composed, someone)).toBe(true);
    expect(await hasher.verify('cafe', composed, someone)).toBe(false);
  });

  it('refuses as overloaded what would wait behind too many', async () => {
    const gate = new PasswordGate(new PasswordHasher(), new BentClock());
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        gate.check({ address: at('192.0.2.1'), room: 'r', isGone }, 'right', stored).then(
          () => 'in',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(16);
    expect(outcomes.filter((outcome) => outcome === 'overloaded')).toHaveLength(4);
  });
});
