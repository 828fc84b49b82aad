import { expect, it } from 'vitest';
import { RefusedTokens } from '../../../src/server/access/refused-tokens.ts';
import type { ServerEvent } from '../../../src/server/reporting/events.ts';
import { BentClock } from '../bent-clock.ts';

const MINUTE = 60_000;

it('tells the first at once, what follows once a minute, and nothing where nothing was', () => {
  const clock = new BentClock();
  const told: ServerEvent[] = [];
  const tokens = new RefusedTokens(clock, (event) => told.push(event));
  const counts = () => told.splice(0).map((event) => event.event === 'token_refused' && [event.count, event.address]);
  tokens.refused('a');
  expect(counts()).toEqual([[1, 'a']]);
  for (let i = 0; i < 10_000; i++) tokens.refused(`b${i}`);
  clock.advance(MINUTE - 1);
  expect(counts()).toEqual([]);
  clock.advance(1);
  expect(counts()).toEqual([[10_000, 'b9999']]);
  tokens.refused('c');
  expect(counts(), 'within the next minute').toEqual([]);
  clock.advance(MINUTE);
  expect(counts()).toEqual([[1, 'c']]);
  clock.advance(10 * MINUTE);
  expect(counts()).toEqual([]);
  tokens.refused('d');
  expect(counts(), 'after a quiet time').toEqual([[1, 'd']]);
});
