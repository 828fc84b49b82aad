import { expect, it } from 'vitest';
import { PipedInput } from '../../src/cli/piped-input.ts';

/** What it does, in words, with as many messages under way as `pending` says. */
function piped(isPiped = true) {
  const done: string[] = [];
  const state = { pending: 0 };
  const input = new PipedInput(isPiped, {
    pending: () => state.pending,
    hold: (hold) => done.push(hold ? 'hold' : 'go on'),
    leave: () => done.push('leave'),
  });
  return { input, done, state };
}

it('is held until it is first in the room', () => {
  const { input, done } = piped();
  expect(done).toEqual(['hold']);
  input.joined();
  input.live();
  input.lost();
  input.joined();
  expect(done).toEqual(['hold', 'go on']);
});

it('is held until every message has found room', async () => {
  const { input, done } = piped(false);
  let release = (): void => {};
  input.waitFor(new Promise<void>((resolve) => (release = resolve)));
  input.waitFor(Promise.resolve());
  await Promise.resolve();
  expect(done).toEqual(['hold']);
  release();
  await new Promise(setImmediate);
  expect(done).toEqual(['hold', 'go on']);
});

it('leaves after /quit once the history is there, what was said has its receipt, and what was asked its answer', () => {
  const { input, done, state } = piped();
  const left = () => done.includes('leave');
  input.joined();
  state.pending = 1;
  input.asked();
  input.quit();
  expect(input.isOver).toBe(true);
  input.answered();
  state.pending = 0;
  input.settled();
  expect(left()).toBe(false);
  input.live();
  expect(left()).toBe(true);
});

it('does not wait for an answer that the lost connection took away, but for its messages', () => {
  const { input, done, state } = piped();
  input.joined();
  input.live();
  input.asked();
  state.pending = 1;
  input.quit();
  input.lost();
  expect(done).not.toContain('leave');
  input.joined();
  input.live();
  state.pending = 0;
  input.settled();
  expect(done.at(-1)).toBe('leave');
});

it('on a terminal leaves at once', () => {
  const { input, done, state } = piped(false);
  state.pending = 1;
  input.quit();
  expect(done).toEqual(['leave']);
});
