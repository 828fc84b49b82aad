// A room and its members apart from any socket: what is told to whom, in which order, and never before it is saved.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Turn } from '../../../src/server/common/turn.ts';
import type { ServerEvent } from '../../../src/server/reporting/events.ts';
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

/** Bytes that may wait for the disk in all rooms. */
const MOST_WAITING = 100_000;

let log: MemoryLog;
let clock: BentClock;
let turn: Turn;
let events: ServerEvent[];
let backlog: Backlog;
let room: Room;

beforeEach(() => {
  log = new MemoryLog();
  clock = new BentClock();
  turn = new Turn();
  events = [];
  const metrics = new Metrics();
  backlog = new Backlog(MOST_WAITING);
  room = new Room(log.opened(), {
    turn,
    clock,
    events: (event) => events.push(event),
    metrics,
    absence: 10_000,
    neighbourhood: alone,
    backlog,
    replays: new ReplayCache(1_000_000),
    pace: new Pace(clock),
  });
});

function enter(nick: string, options: { speaker?: boolean; silently?: boolean } = {}) {
  const output = new CollectedOutput();
  const { speaker = false, silently = false } = options;
  const position = speaker ? log.durableEnd : 0;
  const liveAfter = room.accepted;
  const member = new Member(room, {
    id: `id-${nick}`,
    nick,
    output,
    speaker,
    position,
    liveAfter,
    attempt: 0,
    outputLimit: 1_000,
  });
  room.enter(member, !silently);
  member.read();
  return { member, output };
}

describe('a turn', () => {
  it('is one append, and one frame a member', () => {
    const { member, output } = enter('ann');
    turn.end();
    output.frames.length = 0;
    for (const text of ['a', 'b', 'c']) room.say(member, text, undefined);
    expect([log.appends, output.frames]).toEqual([0, []]);
    turn.end();
    expect(log.appends).toBe(1);
    expect(output.frames).toEqual([log.bytes.toString()]);
  });

  it('tells presence, then messages, then who left', () => {
    const { output } = enter('ann');
    const { member: bob } = enter('bob');
    turn.end();
    output.frames.length = 0;
    room.say(bob, 'as bob', undefined);
    room.roster.rename(bob, 'bobby', 'bobby');
    room.leave(bob, 'announce');
    turn.end();
    expect(output.told).toEqual(['renamed bobby', 'message as bob', 'left bobby']);
  });

  it('tells a newcomer what comes after its own join, and not the join itself', () => {
    const { output: ann } = enter('ann');
    const { output: bob } = enter('bob');
    enter('cy');
    turn.end();
    expect(ann.told).toEqual(['live', 'joined bob', 'joined cy']);
    expect(bob.told).toEqual(['live', 'joined cy']);
  });

  it('that grows beyond 1 MiB is flushed before its end', () => {
    const { member } = enter('ann');
    for (let i = 0; i < 70; i++) room.say(member, 'x'.repeat(16_000), undefined);
    expect(log.appends).toBe(1);
    turn.end();
    expect(log.appends).toBe(2);
  });
});

describe('a line of which only the latest counts', () => {
  it('comes once the output has drained, and what it replaced never does', () => {
    const { member, output } = enter('ann');
    turn.end();
    output.frames.length = 0;
    output.bufferedBytes = 2_000;
    member.tellLatest('first\n');
    member.tellLatest('second\n');
    member.read();
    expect(output.frames).toEqual([]);
    output.bufferedBytes = 0;
    member.read();
    member.read();
    member.tellLatest('third\n');
    expect(output.frames).toEqual(['second\n', 'third\n']);
  });
});

describe('a disk that does not keep up', () => {
  /** Says so much that half of what may wait in this room does; each batch is one. */
  function sayHalf(author: Member): void {
    room.say(author, 'x'.repeat(1_300), undefined);
    turn.end();
  }

  it('holds back who would add to what waits, until that is synced', () => {
    const { member, output } = enter('ann');
    const { output: speaker } = enter('bot', { speaker: true });
    turn.end();
    log.held = true;
    sayHalf(member);
    expect(room.holdsBack()).toBe(false);
    sayHalf(member);
    sayHalf(member);
    expect(room.holdsBack()).toBe(true);
    expect(output.proceeded).toBe(0);
    log.sync();
    expect(room.holdsBack()).toBe(false);
    expect([output.proceeded, speaker.proceeded]).toEqual([1, 1]);
    expect(backlog.share).toBe(MOST_WAITING / 8);
  });

  it('leaves a room less where others have more waiting, and never holds back one where nothing waits', () => {
    const { member, output } = enter('ann');
    turn.end();
    log.held = true;
    backlog.add(MOST_WAITING * 0.8);
    expect(room.holdsBack()).toBe(false);
    sayHalf(member);
    expect(room.holdsBack()).toBe(true);
    // Others are done: there is more for this room, and whoever waits here hears of it with its next sync.
    backlog.add(-MOST_WAITING * 0.8);
    expect(output.proceeded).toBe(0);
    log.sync();
    expect(output.proceeded).toBe(1);
    backlog.add(2 * MOST_WAITING);
    expect(room.holdsBack()).toBe(false);
  });

  it('holds everybody back while its oldest line is late', () => {
    const { member, output } = enter('ann');
    sayHalf(member);
    room.late(true);
    expect(room.holdsBack()).toBe(true);
    expect(output.proceeded).toBe(0);
    room.late(false);
    expect(room.holdsBack()).toBe(false);
    expect(output.proceeded).toBe(1);
  });
});

describe('saving comes before telling', () => {
  it('a line that is appended and not yet durable is told to nobody', () => {
    const { member, output } = enter('ann');
    turn.end();
    log.held = true;
    room.say(member, 'wait', 'r');
    turn.end();
    expect(output.told).toEqual(['live']);
    expect(events).toEqual([]);
    log.sync();
    expect(output.told).toEqual(['live', 'message wait']);
  });

  it('one who joins meanwhile hears live only when the line of before its join is durable', () => {
    const { member } = enter('ann');
    turn.end();
    log.held = true;
    room.say(member, 'under way', 'r');
    turn.end();
    const { output } = enter('bob');
    turn.end();
    expect(output.told).toEqual([]);
    log.sync();
    expect(output.told).toEqual(['message under way', 'live']);
  });

  it('a failed append is told to its authors by their refs, and its numbers are given again', async () => {
    const { member: ann, output } = enter('ann');
    const { output: bob } = enter('bob');
    turn.end();
    log.failing = true;
    room.say(ann, 'lost', 'r1');
    const notice = room.notice('lost too');
    turn.end();
    await expect(notice).rejects.toMatchObject({ code: 'not_saved' });
    expect(output.told.at(-1)).toBe('error not_saved');
    expect(output.frames.at(-1)).toContain('"ref":"r1"');
    expect(bob.told).toEqual(['live']);
    expect(room.answered).toBe(2);
    log.failing = false;
    const saved = room.notice('saved');
    turn.end();
    expect(await saved).toBe(1);
  });
});

describe('a member over its output limit', () => {
  it('is sent nothing more, and reads on from the first line that it was not sent', () => {
    const { member: ann } = enter('ann');
    const { member: slow, output } = enter('slow');
    turn.end();
    room.say(ann, 'one', undefined);
    turn.end();
    output.bufferedBytes = 1_001;
    for (const text of ['two', 'three']) {
      room.say(ann, text, undefined);
      turn.end();
    }
    expect(slow.state).toBe('reading');
    expect(output.told).toEqual(['live', 'message one']);
    output.bufferedBytes = 0;
    slow.read();
    expect(output.told).toEqual(['live', 'message one', 'message two', 'message three']);
    room.say(ann, 'four', undefined);
    turn.end();
    expect(output.told.at(-1)).toBe('message four');
    expect(output.told.filter((line) => line === 'live')).toHaveLength(1);
  });

  it('is not told of presence', () => {
    const { output } = enter('slow');
    turn.end();
    output.bufferedBytes = 1_001;
    enter('ann');
    turn.end();
    expect(output.told).toEqual(['live']);
  });
});

describe('one who was dropped', () => {
  it('is announced when its time is over, whatever the wall clock does meanwhile', () => {
    const { output } = enter('ann');
    const { member: bob } = enter('bob');
    turn.end();
    output.frames.length = 0;
    room.leave(bob, 'await');
    clock.jump(3 * 86_400_000);
    clock.advance(9_999);
    turn.end();
    expect(output.told).toEqual([]);
    clock.jump(-6 * 86_400_000);
    clock.advance(1);
    turn.end();
    expect(output.told).toEqual(['left bob']);
  });

  it('and resumes in time is announced neither as left nor as joined', () => {
    const { output } = enter('ann');
    const { member: bob } = enter('bob');
    turn.end();
    output.frames.length = 0;
    room.leave(bob, 'await');
    clock.advance(9_000);
    enter('bob');
    clock.advance(9_000);
    turn.end();
    expect(output.told).toEqual([]);
  });
});

it('gives rising numbers while the wall clock jumps back', () => {
  const { member } = enter('ann');
  for (const days of [0, 3, -6, 3]) {
    clock.jump(days * 86_400_000);
    room.say(member, String(days), undefined);
    turn.end();
  }
  const seqs = log.bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line).seq);
  expect(seqs).toEqual([1, 2, 3, 4]);
});

it('tells a speaker its own lines alone', () => {
  const { member: ann } = enter('ann');
  const { member: bot, output } = enter('bot', { speaker: true });
  for (const [author, text] of [
    [ann, 'no'],
    [bot, 'yes'],
    [ann, 'no'],
    [bot, 'yes again'],
  ] as const) {
    room.say(author, text, undefined);
  }
  turn.end();
  expect(output.told).toEqual(['live', 'message yes', 'message yes again']);
});

/** What a speaker has got of 70 lines of 16,000 bytes, in frames of at most 64 KiB. */
function numbersIn(frames: readonly string[]): number[] {
  for (const frame of frames) expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(64 * 1024);
  return frames.flatMap((frame) => [...frame.matchAll(/"text":"(\d+) /g)].map(([, number]) => Number(number)));
}

it('tells a speaker what it says in one turn in frames that are never too large, each line once', () => {
  const { member: ann } = enter('ann');
  const { member: bot, output } = enter('bot', { speaker: true });
  const { member: tit, output: outputOfTit } = enter('tit', { speaker: true });
  turn.end();
  for (const collected of [output, outputOfTit]) collected.frames.length = 0;
  const filler = 'ä'.repeat(8_000);
  for (let i = 0; i < 60; i++) {
    room.say(bot, `${i} ${filler}`, undefined);
    room.say(i % 2 === 0 ? ann : tit, `${i} x`, undefined);
  }
  turn.end();
  expect(numbersIn(output.frames)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  expect(output.frames.length).toBeGreaterThan(1);
  expect(numbersIn(outputOfTit.frames)).toEqual(Array.from({ length: 30 }, (_, i) => 2 * i + 1));
});

it('lets a speaker that does not read have the rest from the log, from the frame on that it was not sent', async () => {
  const { member: bot, output } = enter('bot', { speaker: true });
  turn.end();
  output.frames.length = 0;
  const { send } = CollectedOutput.prototype;
  output.send = (lines) => {
    send.call(output, lines);
    output.bufferedBytes = 10_000;
  };
  for (let i = 0; i < 60; i++) room.say(bot, `${i} ${'ä'.repeat(8_000)}`, undefined);
  turn.end();
  expect([bot.state, output.frames.length]).toEqual(['reading', 1]);
  output.send = send.bind(output);
  output.bufferedBytes = 0;
  bot.read();
  await vi.waitUntil(() => bot.state === 'live');
  expect(numbersIn(output.frames)).toEqual(Array.from({ length: 60 }, (_, i) => i));
});

it('is idle once nobody is in it, awaited or speaking', () => {
  expect(room.isIdle).toBe(true);
  const { member } = enter('ann');
  turn.end();
  expect(room.isIdle).toBe(false);
  room.leave(member, 'await');
  expect(room.isIdle).toBe(false);
  clock.advance(10_000);
  turn.end();
  expect(room.isIdle).toBe(true);
});
