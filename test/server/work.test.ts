// How much work a batch is, counted rather than timed: what was fast because it was not done must stay undone.

import { expect, it } from 'vitest';
import { Turn } from '../../src/server/common/turn.ts';
import { Metrics } from '../../src/server/reporting/metrics.ts';
import { Backlog } from '../../src/server/room/backlog.ts';
import { Member } from '../../src/server/room/member.ts';
import { alone } from '../../src/server/room/neighbours.ts';
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

it('a batch is encoded once: what is appended and what each member is sent are the same bytes in memory', () => {
  const log = new KeepingLog();
  const turn = new Turn();
  const room = new Room(log.opened(), {
    turn,
    clock: new BentClock(),
    events: () => {},
    metrics: new Metrics(),
    absence: 10_000,
    neighbourhood: alone,
    backlog: new Backlog(1_000_000),
    replays: new ReplayCache(1_000_000),
  });
  const outputs = Array.from({ length: MEMBERS }, (_, i) => {
    const output = new FrameOutput();
    const options = {
      nick: `m${i}`,
      output,
      speaker: false,
      position: 0,
      liveAfter: 0,
      attempt: 0,
      outputLimit: 262_144,
    };
    const member = new Member(room, { id: `id-${i}`, ...options });
    room.enter(member, false);
    member.read();
    return { member, output };
  });
  turn.end();
  for (const { member } of outputs.slice(0, MESSAGES)) room.say(member, 'hello', undefined);
  turn.end();

  const [appended, ...more] = log.appended;
  expect(more).toEqual([]);
  const [first] = outputs;
  const frame = first?.output.sent[0];
  for (const { output } of outputs) {
    expect(output.sent.length).toBe(1);
    expect(output.sent[0]).toBe(frame);
    expect(output.frames).toEqual(first?.output.frames);
  }
  // The frame is its header and then the appended bytes, in the same memory.
  expect(frame?.buffer).toBe(appended?.buffer);
  expect((frame?.byteOffset ?? 0) + (frame?.length ?? 0)).toBe((appended?.byteOffset ?? 0) + (appended?.length ?? 0));
});
