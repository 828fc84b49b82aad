// What comings and goings are said as, on both screens.

import { expect, it } from 'vitest';
import { actionOf, crowdText, listed, moveOf, splitAtMentions, timeOfDay } from '../../src/view/index.ts';

const line = { at: 0, id: 'i', nick: 'rob' };

it('says who joined, left or took another name, by the name that they had', () => {
  expect(moveOf({ type: 'joined', ...line })).toEqual({ nick: 'rob', did: 'joined' });
  expect(moveOf({ type: 'left', ...line })).toEqual({ nick: 'rob', did: 'left' });
  expect(moveOf({ type: 'renamed', ...line, was: 'bob' })).toEqual({ nick: 'bob', did: 'is now rob' });
});

it('counts a crowd, without what there is none of', () => {
  const crowd = { type: 'crowd', at: 0, present: 1234 } as const;
  expect(crowdText({ ...crowd, joined: 1200, left: 3 })).toBe('1,200 more joined, 3 more left, 1,234 here');
  expect(crowdText({ ...crowd, joined: 0, left: 3 })).toBe('3 more left, 1,234 here');
});

it('lists names up to a number', () => {
  const lists = [[], ['ann'], ['ann', 'bob'], ['ann', 'bob', 'cy']].map((names) => listed(names, 2));
  expect(lists).toEqual(['', 'ann', 'ann and bob', 'ann, bob and 1 more']);
});

it('tells an action from what is said', () => {
  expect(['/me waves', '/menu', 'me'].map(actionOf)).toEqual(['waves', undefined, undefined]);
});

it('finds a nick as a whole word, in any case, without the punctuation of the sentence', () => {
  const pieces = splitAtMentions('Bob, bobby and _bob_.', 'bob').map(({ text, mention }) =>
    mention ? `[${text}]` : text,
  );
  expect(pieces.join('')).toBe('[Bob], bobby and _[bob]_.');
});

it('has no time of day for what is not a time', () => {
  expect(timeOfDay(Number.MAX_SAFE_INTEGER)).toBeUndefined();
  expect(timeOfDay(new Date(2026, 0, 2, 9, 5).getTime())).toBe('09:05');
});
