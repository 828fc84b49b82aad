// What members learn of comings and goings goes out at most once in 100 ms, or with the next messages: counted in frames.

import { beforeEach, expect, it } from 'vitest';
import { Turn } from '../../../src/server/common/turn.ts';
import { Metrics } from '../../../src/server/reporting/metrics.ts';
import { Backlog } from '../../../src/server/room/backlog.ts';
import { Member } from '../../../src/server/room/member.ts';
import { alone } from '../../../src/server/room/neighbours.ts';
import { Pace } from '../../../src/server/room/pace.ts';
import { ReplayCache } from '../../../src/server/room/replay-cache.ts';
import { Room } from '../../../src/server/room/room.ts';
import { BentClock } from '../bent-clock.ts';
import { CollectedOutput } from '../collected-output.ts';
import { MemoryLog } from '../memory-log.ts';

let clock: BentClock;
let turn: Turn;
let room: Room;

beforeEach(() => {
  clock = new BentClock();
  turn = new Turn();
  const backlog = new Backlog(1_000_000);
  const metrics = new Metrics();
  room = new Room(new MemoryLog().opened(), {
    turn,
    clock,
    events: () => {},
    metrics,
    absence: 10_000,
    neighbourhood: alone,
    backlog,
    replays: new ReplayCache(1_000_000),
    pace: new Pace(clock),
  });
});

function enter(nick: string, id = `id-${nick}`) {
  const output = new CollectedOutput();
  const member = new Member(room, {
    id,
    nick,
    output,
    speaker: false,
    position: 0,
    liveAfter: 0,
    attempt: 0,
    outputLimit: 1_000_000,
  });
  room.enter(member, true);
  member.read();
  turn.end();
  return { member, output };
}

/** Time passes, and with it the turn in which something may have fallen due. */
function pass(ms: number): void {
  clock.advance(ms);
  turn.end();
}

it('is told at once in a quiet room, and what follows within 100 ms at their end, in one frame', () => {
  const { output } = enter('ann');
  enter('bob');
  expect(output.told).toEqual(['live', 'joined bob']);
  enter('cy');
  pass(50);
  const { member: dee } = enter('dee');
  room.leave(dee, 'announce');
  turn.end();
  expect(output.told).toHaveLength(2);
  const before = output.frames.length;
  pass(50);
  expect(output.told.slice(2)).toEqual(['joined cy', 'joined dee', 'left dee']);
  expect(output.frames.length).toBe(before + 1);
  // Nothing is left over.
  pass(1_000);
  expect(output.told).toHaveLength(5);
  enter('eve');
  expect(output.told[5]).toBe('joined eve');
});

it('rides along with the next message, before it', () => {
  const { member: ann, output } = enter('ann');
  enter('bob');
  const { member: cy, output: atCy } = enter('cy');
  room.say(cy, 'hi', undefined);
  room.leave(ann, 'silently');
  turn.end();
  expect(atCy.told).toEqual(['live', 'message hi']);
  const { output: late } = enter('dee');
  room.say(cy, 'again', undefined);
  turn.end();
  expect(atCy.told).toEqual(['live', 'message hi', 'joined dee', 'message again']);
  expect(late.told).not.toContain('joined dee');
  expect(output.told).toEqual(['live', 'joined bob']);
});

it('tells who left before who came later under the same nick', () => {
  const { output } = enter('ann');
  const { member } = enter('bob', 'first');
  room.leave(member, 'announce');
  turn.end();
  enter('bob', 'second');
  pass(100);
  const ids = output.frames.join('').match(/"id":"(first|second)"/g);
  expect(ids).toEqual(['"id":"first"', '"id":"first"', '"id":"second"']);
});

it('of a storm costs each member ten frames a second, however many arrive', () => {
  const { output } = enter('ann');
  pass(1_000);
  output.frames.length = 0;
  const members = 1_000;
  for (let i = 0; i < members; i++) {
    enter(`m${i}`);
    pass(1);
  }
  pass(100);
  expect(output.frames.length).toBeLessThanOrEqual(members / 100 + 2);
  const told = output.frames
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const crowded = told.filter(({ type }) => type === 'crowd').reduce((sum, { joined }) => sum + joined, 0);
  expect(told.filter(({ type }) => type === 'joined').length + crowded).toBe(members);
});

it('tells the more seldom the more are to be told: of a storm, all members together at most two a millisecond', () => {
  const observers = Array.from({ length: 2_000 }, (_, i) => enter(`o${i}`).output);
  pass(10_000);
  for (const { frames } of observers) frames.length = 0;
  const ms = 4_000;
  for (let i = 0; i < ms; i += 2) {
    enter(`m${i}`);
    pass(2);
  }
  const frames = observers.reduce((sum, output) => sum + output.frames.length, 0);
  // One round goes out at once, and nothing waits for much longer than it has to.
  expect(frames).toBeLessThanOrEqual(ms * 2 + 2 * observers.length);
  expect(frames).toBeGreaterThan(ms);
  pass(2_000);
  const told = observers[0]?.told ?? [];
  expect(told.filter((line) => line.startsWith('joined')).length).toBeLessThan(ms / 10);
});

it('counts what all rooms tell: many small ones do not tell more than a large one', () => {
  const pace = new Pace(clock);
  const waits = Array.from({ length: 100 }, () => pace.tell(50));
  expect(waits[0]).toBe(100);
  expect(waits.at(-1)).toBe(2_500);
  clock.advance(2_450);
  expect(pace.tell(10)).toBe(100);
});
