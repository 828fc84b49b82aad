// Renames as others see them: one line a member and turn, however often it renames itself, and no frame beyond 64 KiB.
// Every command is answered all the same.

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

let turn: Turn;
let room: Room;
let clock: BentClock;

beforeEach(() => {
  turn = new Turn();
  clock = new BentClock();
  const metrics = new Metrics();
  room = new Room(new MemoryLog().opened(), {
    turn,
    clock,
    events: () => {},
    metrics,
    backlog: new Backlog(1024 * 1024),
    replays: new ReplayCache(1_000_000),
    pace: new Pace(clock),
    absence: 10_000,
    neighbourhood: alone,
  });
});

function enter(nick: string, speaker = false) {
  const output = new CollectedOutput();
  const cursor = { position: 0, liveAfter: 0, attempt: 0, outputLimit: 1_000_000 };
  const member = new Member(room, { id: `id-${nick}`, nick, output, speaker, ...cursor });
  room.enter(member, true);
  member.read();
  return {
    member,
    output,
    rename: (...nicks: readonly string[]) => {
      for (const one of nicks) room.roster.rename(member, one, one.toLowerCase());
    },
    /** Its renames, as `from>to`. */
    renamed: () =>
      output.frames
        .join('')
        .split('\n')
        .filter((line) => line.includes('"renamed"'))
        .map((line) => {
          const { was, nick }: { was: string; nick: string } = JSON.parse(line);
          return `${was}>${nick}`;
        }),
  };
}

/** The room has been quiet for so long that the end of this turn tells what there is. */
function quiet(): void {
  clock.advance(2_000);
  turn.end();
}

it('are told once in 100 ms, from the nick that others knew to the last one', () => {
  const [ann, bob] = [enter('ann'), enter('bob')];
  turn.end();
  bob.rename('b1', 'b2');
  turn.end();
  bob.rename('b3');
  turn.end();
  expect(ann.renamed()).toEqual([]);
  clock.advance(100);
  turn.end();
  expect(ann.renamed()).toEqual(['bob>b3']);
  // Each of the three is answered, the last one by what all are told.
  expect(bob.renamed()).toEqual(['bob>b1', 'bob>b2', 'bob>b3']);
  bob.rename('b4');
  clock.advance(100);
  turn.end();
  expect(ann.renamed()).toEqual(['bob>b3', 'b3>b4']);
});

it('make no line where the nick is the old one again, and are answered', () => {
  const [ann, bob] = [enter('ann'), enter('bob')];
  quiet();
  bob.rename('b1', 'bob');
  quiet();
  expect(ann.renamed()).toEqual([]);
  expect(bob.renamed()).toEqual(['bob>b1', 'b1>bob']);
  bob.rename('b2', 'bob', 'b3');
  quiet();
  expect(ann.renamed()).toEqual(['bob>b3']);
});

it('to the nick one has are answered, and a speaker’s as well; nobody else hears of either', () => {
  const [ann, bob, bot] = [enter('ann'), enter('bob'), enter('bot', true)];
  bob.rename('bob');
  bot.rename('robot');
  quiet();
  expect(bob.renamed()).toEqual(['bob>bob']);
  expect(bot.renamed()).toEqual(['bot>robot']);
  expect(ann.renamed()).toEqual([]);
});

it('are told to one who joined in between, if they came after', () => {
  const bob = enter('bob');
  quiet();
  bob.rename('b1');
  const early = enter('early');
  bob.rename('b2');
  const late = enter('late');
  quiet();
  expect(early.renamed()).toEqual(['bob>b2']);
  expect(late.renamed()).toEqual([]);
});

it('end with the right nicks where two swap theirs', () => {
  const [ann, bob, eve] = [enter('ann'), enter('bob'), enter('eve')];
  quiet();
  ann.rename('x');
  bob.rename('ann');
  ann.rename('bob');
  quiet();
  expect(eve.renamed().sort()).toEqual(['ann>bob', 'bob>ann']);
});

it('of hundreds in one turn come in frames of at most 64 KiB, whole lines each, to newcomers too', () => {
  const members = Array.from({ length: 800 }, (_, i) => enter(`member-${i}`));
  quiet();
  for (const { output } of members) output.frames.length = 0;
  const newcomer = enter('newcomer');
  for (const [i, { rename }] of members.entries()) rename(`ナナナナナナナナナナナナナナナナナナナナナナナナナナ${i}`);
  quiet();
  for (const { output } of [newcomer, ...members.slice(0, 2)]) {
    expect(output.frames.length).toBeGreaterThan(1);
    for (const frame of output.frames) {
      expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(64 * 1024);
      expect(frame.endsWith('}\n')).toBe(true);
    }
  }
  expect(newcomer.renamed()).toHaveLength(800);
  expect(new Set(members[1]?.renamed()).size).toBe(800);
});

it('again and again by two connections make two lines a turn', () => {
  const [ann, bob, eve] = [enter('ann'), enter('bob'), enter('eve')];
  quiet();
  eve.output.frames.length = 0;
  for (let i = 0; i < 1_990; i++) {
    ann.rename(`ann-${i}`);
    bob.rename(`bob-${i}`);
  }
  quiet();
  expect(eve.renamed()).toEqual(['ann>ann-1989', 'bob>bob-1989']);
  expect(ann.renamed()).toHaveLength(1_991);
});
