// Life and death of connections on a clock that the test moves, and whose wall time jumps by days.

import { expect, it } from 'vitest';
import type { ProtocolError } from '../../../src/protocol/index.ts';
import { DEFAULT_LIMITS } from '../../../src/server/common/limits.ts';
import { Heartbeat, type Watched } from '../../../src/server/session/heartbeat.ts';
import { Life } from '../../../src/server/session/life.ts';
import { BentClock } from '../bent-clock.ts';

function watched(fields: Partial<Watched> = {}) {
  const clock = new BentClock();
  const happened: string[] = [];
  const socket = { bytesReceived: 0, bufferedBytes: 0, ping: () => void happened.push('ping') };
  const session: Watched = {
    socket,
    state: { kind: 'joining' },
    life: new Life(clock.monotonic(), DEFAULT_LIMITS.join),
    isHeldBack: false,
    fail: (error: ProtocolError) => void happened.push(error.code),
    drop: () => void happened.push('drop'),
    ...fields,
  };
  const heartbeat = new Heartbeat(clock, DEFAULT_LIMITS, [session], () => {});
  heartbeat.start();
  return { clock, session, socket, happened, heartbeat };
}

it('pings after 25 s of silence and ends the peer 10 s later, however the wall clock jumps', () => {
  for (const days of [0, 3, -3]) {
    const { clock, happened } = watched();
    clock.advance(24_000);
    clock.jump(days * 86_400_000);
    expect(happened).toEqual([]);
    clock.advance(1_000);
    expect(happened).toEqual(['ping']);
    clock.advance(9_000);
    expect(happened).toEqual(['ping']);
    clock.advance(1_000);
    expect(happened).toEqual(['ping', 'drop']);
  }
});

it('takes any byte received, and any output drained, for life', () => {
  const { clock, socket, happened } = watched();
  socket.bufferedBytes = 1_000;
  for (let i = 0; i < 5; i++) {
    clock.advance(20_000);
    socket.bytesReceived++;
    clock.advance(20_000);
    socket.bufferedBytes -= 100;
  }
  expect(happened).toEqual([]);
  clock.advance(27_000);
  expect(happened).toEqual(['ping']);
  socket.bytesReceived++;
  clock.advance(11_000);
  expect(happened).toEqual(['ping']);
});

it('does not hold a silence against a peer that is not read, and shows it that the server is there', () => {
  const { clock, happened } = watched({ isHeldBack: true });
  clock.advance(120_000);
  expect(happened).toEqual(['ping', 'ping', 'ping', 'ping']);
});

it('ends a connection that has not joined after 10 s, and not before', () => {
  const { clock, happened } = watched({ state: { kind: 'waiting' } });
  clock.jump(3 * 86_400_000);
  clock.advance(9_000);
  expect(happened).toEqual([]);
  clock.advance(1_000);
  expect(happened).toEqual(['join_timeout']);
});

it('counts against nobody the time for which the server itself stood still', () => {
  const { clock, happened } = watched({ state: { kind: 'waiting' } });
  clock.advance(3_000);
  clock.stall(60_000);
  expect(happened).toEqual([]);
  // Of its 10 s it has had 3, and the second in which the server stopped.
  clock.advance(5_000);
  expect(happened).toEqual([]);
  clock.advance(1_000);
  expect(happened).toEqual(['join_timeout']);
});

it('gives a peer that was pinged its whole time to answer, though the server stood still', () => {
  const { clock, socket, happened } = watched();
  clock.advance(25_000);
  clock.stall(15_000);
  expect(happened).toEqual(['ping']);
  socket.bytesReceived++;
  clock.advance(20_000);
  expect(happened).toEqual(['ping']);
});

it('reads what has come before it ends anybody for having said nothing', () => {
  const { clock, session, happened } = watched({ state: { kind: 'waiting' } });
  clock.advance(9_500);
  clock.input = () => {
    session.state = { kind: 'joining' };
  };
  clock.stall(1_000);
  clock.advance(5_000);
  expect(happened).toEqual([]);
});

it('stops', () => {
  const { clock, happened, heartbeat } = watched();
  heartbeat.stop();
  clock.advance(120_000);
  expect(happened).toEqual([]);
});
