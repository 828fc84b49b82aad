// How much work a batch is, counted rather than timed: what was fast because it was not done must stay undone.

import { beforeEach, expect, it } from 'vitest';
import { Turn } from '../../src/server/common/turn.ts';
import { Metrics } from '../../src/server/reporting/metrics.ts';
import { Backlog } from '../../src/server/room/backlog.ts';
import { Member } from '../../src/server/room/member.ts';
import { alone } from '../../src/server/room/neighbours.ts';
import { Pace } from '../../src/server/room/pace.ts';
import { ReplayCache } from '../../src/server/room/replay-cache.ts';
import { Room } from '../../src/server/room/room.ts';
import type { PreparedMessage } from '../../src/websocket/index.ts';
import { BentClock } from './bent-clock.ts';
import { CollectedOutput } from './collected-output.ts';
import { MemoryLog } from './memory-log.ts';

const MEMBERS = 50;
const MESSAGES = 10;

/** Keeps the very bytes that it was handed. */
class FrameOutput extends CollectedOutput {
  readonly sent: Buffer[] = [];

  override sendPrepared(message: PreparedMessage): void {
    super.sendPrepared(message);
    this.sent.push(message.plain);
  }
}

class KeepingLog extends MemoryLog {
  readonly appended: Buffer[] = [];

  override append(bytes: Buffer, lastSeq: number): void {
    this.appended.push(bytes);
    super.append(bytes, lastSeq);
  }
}

const WINDOW_MS = 100;
const ARRIVAL_MS = 2;
const STORM_WINDOWS = 20;
/** Arrivals of a window that are told one by one. */
const TOLD_SINGLY = 20;

const log = new KeepingLog();
const clock = new BentClock();
const turn = new Turn();
let room: Room;

beforeEach(() => {
  log.appended.length = 0;
  room = new Room(log.opened(), {
    turn,
    clock,
    events: () => {},
    metrics: new Metrics(),
    absence: 10_000,
    neighbourhood: alone,
    backlog: new Backlog(1_000_000),
    replays: new ReplayCache(1_000_000),
    pace: new Pace(clock),
  });
});

function enter(index: number, announce: boolean) {
  const output = new FrameOutput();
  const member = new Member(room, {
    id: `id-${index}`,
    nick: `m${index}`,
    output,
    speaker: false,
    position: log.durableEnd,
    liveAfter: 0,
    attempt: 0,
    outputLimit: 262_144,
  });
  room.enter(member, announce);
  member.read();
  return { member, output };
}

/** Members of a room in which nothing has happened for a while. */
function enterQuietly(count: number) {
  const members = Array.from({ length: count }, (_, i) => enter(i, false));
  turn.end();
  clock.advance(WINDOW_MS);
  turn.end();
  for (const { output } of members) output.frames.length = 0;
  return members;
}

it('a batch is encoded once: what is appended and what each member is sent are the same bytes in memory', () => {
  const members = enterQuietly(MEMBERS);
  for (const { member } of members.slice(0, MESSAGES)) room.say(member, 'hello', undefined);
  turn.end();

  const [appended, ...more] = log.appended;
  expect(more).toEqual([]);
  const [first] = members;
  const frame = first?.output.sent[0];
  for (const { output } of members) {
    expect(output.sent.length).toBe(1);
    expect(output.sent[0]).toBe(frame);
    expect(output.frames).toEqual(first?.output.frames);
  }
  // The frame is its header and then the appended bytes, in the same memory.
  expect(frame?.buffer).toBe(appended?.buffer);
  expect((frame?.byteOffset ?? 0) + (frame?.length ?? 0)).toBe((appended?.byteOffset ?? 0) + (appended?.length ?? 0));
});

it('a join into a quiet room is one frame for each member, encoded once, and no more than its "live" for itself', () => {
  const members = enterQuietly(MEMBERS);
  const { output: own } = enter(MEMBERS, true);
  turn.end();
  clock.advance(10 * WINDOW_MS);
  turn.end();
  expect(own.told).toEqual(['live']);
  for (const { output } of members) {
    expect(output.told).toEqual([`joined m${MEMBERS}`]);
    expect(output.sent).toHaveLength(1);
    expect(output.sent[0]).toBe(members[0]?.output.sent[0]);
  }
});

it('a storm of joins is one frame a window for each member, and for those who were there the same one', () => {
  const members = enterQuietly(MEMBERS);
  const arrivals = (STORM_WINDOWS * WINDOW_MS) / ARRIVAL_MS;
  const newcomers = Array.from({ length: arrivals }, (_, i) => {
    const newcomer = enter(MEMBERS + i, true);
    turn.end();
    clock.advance(ARRIVAL_MS);
    turn.end();
    return newcomer;
  });
  clock.advance(2 * WINDOW_MS);
  turn.end();

  // The first is told at once, what is left of the last window at its end.
  const most = STORM_WINDOWS + 2;
  const [first] = members;
  for (const { output } of members) {
    expect(output.frames.length).toBeLessThanOrEqual(most);
    expect(output.sent).toHaveLength(first?.output.sent.length ?? 0);
    expect(output.sent.every((frame, i) => frame === first?.output.sent[i])).toBe(true);
  }
  for (const { output } of newcomers) expect(output.sent.length).toBeLessThanOrEqual(most);
  // Whoever came in a window is told what came after it: as many further encodings as lines, however many members.
  const encodings = new Set([...members, ...newcomers].flatMap(({ output }) => output.sent));
  expect(encodings.size).toBeLessThanOrEqual(most * (TOLD_SINGLY + 2));
});
