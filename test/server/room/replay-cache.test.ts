// Replays to clients that take compressed frames: what many read is compressed once, and little of it is kept.

import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Turn } from '../../../src/server/common/turn.ts';
import { Metrics } from '../../../src/server/reporting/metrics.ts';
import { Backlog } from '../../../src/server/room/backlog.ts';
import { CHUNK_BYTES, Member } from '../../../src/server/room/member.ts';
import { alone } from '../../../src/server/room/neighbours.ts';
import { Pace } from '../../../src/server/room/pace.ts';
import { ReplayCache } from '../../../src/server/room/replay-cache.ts';
import { Room } from '../../../src/server/room/room.ts';
import { eventually } from '../../support/eventually.ts';
import { BentClock } from '../bent-clock.ts';
import { CollectedOutput } from '../collected-output.ts';
import { MemoryLog } from '../memory-log.ts';

const LINES = 4_000;
/** Of a frame of 126 to 65,535 bytes. */
const HEADER_BYTES = 4;

function chunk(bytes: number) {
  return { length: bytes, frames: [Buffer.alloc(bytes)] };
}

function inflated(frame: Buffer): string {
  const tail = Buffer.from([0, 0, 0xff, 0xff]);
  return inflateRawSync(Buffer.concat([frame.subarray(HEADER_BYTES), tail]), { finishFlush: 2 }).toString();
}

describe('a replay', () => {
  async function read(room: Room, log: MemoryLog, nick: string, windowBits: number | undefined) {
    const output = new CollectedOutput();
    output.sharedWindowBits = windowBits;
    const options = {
      id: nick,
      nick,
      output,
      speaker: false,
      position: 0,
      liveAfter: 0,
      attempt: 0,
      outputLimit: 1_000,
    };
    const member = new Member(room, options);
    room.enter(member, false);
    member.read();
    await eventually('it is live', 10_000, async () => member.state === 'live');
    expect(output.shared.map(inflated).join('') + output.frames.join('').replace(/\{"type":"live".*\n/, '')).toBe(
      log.bytes.toString(),
    );
    return output;
  }

  function longRoom() {
    const log = new MemoryLog();
    const turn = new Turn();
    const replays = new ReplayCache(10_000_000);
    const clock = new BentClock();
    const room = new Room(log.opened(), {
      turn,
      clock,
      events: () => {},
      metrics: new Metrics(),
      absence: 10_000,
      neighbourhood: alone,
      backlog: new Backlog(10_000_000),
      replays,
      pace: new Pace(clock),
    });
    for (let i = 0; i < LINES; i++) room.notice(`line ${i} of a history that many read at once`).catch(() => {});
    turn.end();
    return { log, room, replays };
  }

  it('is compressed once for all who read it with the same window, one after the other or at once', async () => {
    const { log, room } = longRoom();
    const first = await read(room, log, 'ann', 15);
    expect(first.shared.length).toBe(Math.floor(log.bytes.length / CHUNK_BYTES));
    const second = await read(room, log, 'bob', 15);
    expect(second.shared.every((frame, i) => frame === first.shared[i])).toBe(true);
    const other = await read(room, log, 'cid', 9);
    expect(other.shared.some((frame, i) => frame === first.shared[i])).toBe(false);

    const { log: log2, room: room2 } = longRoom();
    const [one, two] = await Promise.all([read(room2, log2, 'ann', 15), read(room2, log2, 'bob', 15)]);
    expect(one.shared.length).toBeGreaterThan(2);
    expect(two.shared.every((frame, i) => frame === one.shared[i])).toBe(true);
  });

  it('that nobody takes compressed is neither compressed nor kept', async () => {
    const { log, room, replays } = longRoom();
    expect((await read(room, log, 'ann', undefined)).shared).toEqual([]);
    expect(replays.bytes).toBe(0);
  });
});

describe('what is kept of replays', () => {
  it('stays within its bytes: what was used last stays', () => {
    const cache = new ReplayCache(100);
    const log = new MemoryLog();
    for (const position of [0, 1, 2, 3]) cache.put(log, 15, position, chunk(25));
    cache.get(log, 15, 0);
    cache.put(log, 15, 4, chunk(25));
    expect([0, 1, 2, 3, 4].map((position) => cache.get(log, 15, position) !== undefined)).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
    cache.put(log, 15, 4, chunk(30));
    expect(cache.bytes).toBe(80);
  });

  it('is of one log and one window', () => {
    const cache = new ReplayCache(100);
    const log = new MemoryLog();
    cache.put(log, 15, 0, chunk(25));
    expect(cache.get(new MemoryLog(), 15, 0)).toBeUndefined();
    expect(cache.get(log, 9, 0)).toBeUndefined();
  });
});
