// The page's own copies of the protocol's rules for names: they must not drift apart.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foldNick as foldOnPage, nickProblem, roomProblem } from '../../../src/page/names.page.js?code';
import { foldNick, NameError, parseNick, parseRoomName } from '../../../src/protocol/index.ts';

function isAccepted(parse: (name: string) => string, name: string): boolean {
  try {
    parse(name);
    return true;
  } catch (error) {
    if (error instanceof NameError) return false;
    throw error;
  }
}

function agree(name: string): void {
  expect([name, nickProblem(name) === undefined]).toEqual([name, isAccepted(parseNick, name)]);
  expect([name, roomProblem(name) === undefined]).toEqual([name, isAccepted(parseRoomName, name)]);
  expect([name, foldOnPage(name)]).toEqual([name, foldNick(name)]);
}

it('the page allows the names that the server allows, and folds them alike', () => {
  const marks = fc.array(fc.constantFrom('\u0301', '\u0345', '\u20dd', '\u103b', 'e'), { maxLength: 8 });
  const name = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 70 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    marks.map((parts) => `x${parts.join('')}`),
    fc
      .constantFrom('x', '𝒳', 'e\u0301', '\u03b1\u0313\u0300\u0345')
      .chain((one) => fc.integer({ min: 1, max: 300 }).map((count) => one.repeat(count))),
  );
  fc.assert(fc.property(name, agree), { numRuns: 5_000 });
});

it('the page refuses each look-alike of the server’s, and no other', () => {
  for (const [name, letter] of [
    ['server', 'v'],
    ['admin', 'm'],
    ['admin', 'i'],
    ['server', 's'],
  ] as const) {
    for (let code = 0x20; code <= 0x1ffff; code++) {
      const other = name.replace(letter, String.fromCodePoint(code));
      const onPage = nickProblem(other) === undefined;
      if (onPage !== isAccepted(parseNick, other)) expect(other).toBe('judged alike by both');
    }
  }
});
