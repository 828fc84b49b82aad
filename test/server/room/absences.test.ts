import { expect, it } from 'vitest';
import { Absences } from '../../../src/server/room/absences.ts';
import { BentClock } from '../bent-clock.ts';

// Dropped members are awaited for ten seconds; whoever does not come back is gone, in the order of their going.

function watched() {
  const clock = new BentClock();
  const gone: string[] = [];
  const absences = new Absences(clock, 10_000, ({ nick }) => gone.push(nick));
  const drop = (nick: string): void => absences.add({ id: `id-${nick}`, nick, foldedNick: nick.toLowerCase() });
  return { clock, gone, absences, drop };
}

it('each waits its own ten seconds', () => {
  const { clock, gone, drop } = watched();
  drop('Ann');
  clock.advance(4_000);
  drop('Bob');
  clock.jump(-3 * 86_400_000);
  clock.advance(5_999);
  expect(gone).toEqual([]);
  clock.advance(1);
  expect(gone).toEqual(['Ann']);
  clock.advance(4_000);
  expect(gone).toEqual(['Ann', 'Bob']);
});

it('one who comes back is awaited no more, and is known by that once', () => {
  const { clock, gone, absences, drop } = watched();
  drop('Ann');
  expect(absences.comeBack('id-Ann')).toBe(true);
  expect(absences.comeBack('id-Ann')).toBe(false);
  clock.advance(20_000);
  expect(gone).toEqual([]);
});

it('one whose nick is taken is gone at once, and only then', () => {
  const { clock, gone, absences, drop } = watched();
  drop('Ann');
  drop('Bob');
  absences.giveUpNick('ann');
  expect([gone, absences.size]).toEqual([['Ann'], 1]);
  clock.advance(10_000);
  expect(gone).toEqual(['Ann', 'Bob']);
});

it('nobody is announced after the room is closed', () => {
  const { clock, gone, absences, drop } = watched();
  drop('Ann');
  absences.stop();
  clock.advance(20_000);
  expect(gone).toEqual([]);
});
