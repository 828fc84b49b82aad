// What an address may use: buckets by the clock, in all networks of the address, kept as long as they are not full.

import { beforeEach, expect, it } from 'vitest';
import { Budget, type BudgetOptions } from '../../../src/server/budget/budget.ts';
import { Toll } from '../../../src/server/budget/toll.ts';
import { BentClock } from '../bent-clock.ts';

let clock: BentClock;
beforeEach(() => {
  clock = new BentClock();
});

const address = (key: string) => [{ key, share: 1 }];

function budget(options: Partial<BudgetOptions> = {}): Budget {
  return new Budget(clock, { perSecond: 10, burst: 20, ...options });
}

it('has the burst at once, then so much a second, and never more than the burst', () => {
  const purse = budget().open(address('a'));
  purse.charge(20);
  expect([purse.lacks(0), purse.lacks(1)]).toEqual([0, 100]);
  clock.advance(100);
  expect(purse.lacks(1)).toBe(0);
  clock.advance(3_600_000);
  purse.charge(21);
  expect(purse.lacks(0)).toBe(100);
});

it('takes work in any case, and says how long its debt takes to pay off: within the longest, where there is one', () => {
  const purse = budget().open(address('a'));
  purse.charge(1_020);
  expect(purse.lacks(0)).toBe(100_000);
  const bounded = budget({ longestDebt: 10 }).open(address('a'));
  bounded.charge(1_020);
  expect(bounded.lacks(0)).toBe(10_000);
  clock.advance(9_999);
  expect(bounded.lacks(0)).toBe(1);
});

it('gives back what was not used, and nothing beyond what it can hold', () => {
  const purse = budget().open(address('a'));
  purse.charge(1_000);
  purse.refund(990);
  expect(purse.lacks(10)).toBe(0);
  purse.refund(1_000);
  purse.charge(20);
  expect(purse.lacks(1)).toBe(100);
});

it('counts an address in every network it lies in, each with its share', () => {
  const all = budget();
  const network = (host: string) => [
    { key: `${host}/64`, share: 1 },
    { key: '2001:db8:0:100::/56', share: 4 },
  ];
  // Four times what one may have, from four times as many.
  for (let host = 0; host < 4; host++) all.open(network(`host ${host}`)).charge(20);
  const fifth = all.open(network('host 4'));
  fifth.charge(4);
  expect(fifth.lacks(0)).toBe(100);
  expect(all.open([{ key: 'elsewhere', share: 1 }]).lacks(20)).toBe(0);
});

it('is not begun anew by leaving and coming back, nor shared out by coming twice', () => {
  const all = budget();
  const purse = all.open(address('a'));
  const same = all.open(address('a'));
  purse.charge(30);
  expect(same.lacks(0)).toBe(1_000);
  all.close(purse);
  all.close(same);
  expect(all.open(address('a')).lacks(0)).toBe(1_000);
});

it('forgets who is full before who is in debt, however many addresses come', () => {
  const all = budget();
  const visit = (key: string, units: number) => {
    const purse = all.open(address(key));
    purse.charge(units);
    all.close(purse);
  };
  for (let i = 0; i < 100; i++) visit(`debtor ${i}`, 100_000);
  for (let i = 0; i < 30_000; i++) {
    visit(`passer-by ${i}`, 1);
    if (i % 1_000 === 0) clock.advance(100);
  }
  for (let i = 0; i < 100; i++) expect(all.open(address(`debtor ${i}`)).lacks(0)).toBeGreaterThan(9_000_000);
});

it('forgets the smallest debts where too many are in debt', () => {
  const all = budget();
  for (let i = 0; i < 10_001; i++) {
    const purse = all.open(address(`debtor ${i}`));
    purse.charge(1_000 + i);
    all.close(purse);
  }
  expect(all.open(address('debtor 0')).lacks(20)).toBe(0);
  expect(all.open(address('debtor 10000')).lacks(0)).toBeGreaterThan(0);
});

it('those held back go on one after the other, each until the address is in debt again', () => {
  const all = budget({ perSecond: 100, burst: 100 });
  const counted = { heldBack: 0, heldBackNow: 0 };
  const done = Array.from({ length: 8 }, () => 0);
  const tolls = done.map((_, i) => {
    const toll: Toll = new Toll(all.open(address('a')), counted, () => {
      while (!toll.isHeldBack) {
        toll.pay(1);
        done[i] = (done[i] ?? 0) + 1;
      }
    });
    return toll;
  });
  for (const toll of tolls) toll.pay(101);
  expect(counted.heldBackNow).toBe(8);
  clock.advance(60_000);
  const total = done.reduce((sum, count) => sum + count);
  expect(total).toBeGreaterThan(4_000);
  expect(total).toBeLessThanOrEqual(6_000);
  // First come, first served: nobody is more than a turn ahead.
  expect(Math.max(...done) - Math.min(...done)).toBeLessThan(total / 8 / 10);
});

it('a newcomer does not get in before those who wait', () => {
  const all = budget({ perSecond: 10, burst: 0 });
  const counted = { heldBack: 0, heldBackNow: 0 };
  const order: string[] = [];
  const toll = (name: string) => new Toll(all.open(address('a')), counted, () => order.push(name));
  toll('first').pay(1);
  // The debt is paid off, and the one who waits has not been let go on yet.
  clock.advance(120);
  toll('second').pay(0);
  expect(order).toEqual([]);
  clock.advance(1_000);
  expect(order).toEqual(['first', 'second']);
});

it('who leaves is not waited for', () => {
  const all = budget({ perSecond: 10, burst: 0 });
  const counted = { heldBack: 0, heldBackNow: 0 };
  const order: string[] = [];
  const tolls = ['one', 'two'].map((name) => new Toll(all.open(address('a')), counted, () => order.push(name)));
  for (const toll of tolls) toll.pay(1);
  tolls[0]?.leave();
  clock.advance(1_000);
  expect(order).toEqual(['two']);
  expect(counted).toEqual({ heldBack: 2, heldBackNow: 0 });
});
