// What the connections of one address cost and get together, by a clock that the test moves: real sockets, and no time
// that passes by itself.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import type { ServerLimits } from '../../../src/server/common/limits.ts';
import { BentClock } from '../../support/bent-clock.ts';
import { startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

const from = (address: string) => ({ headers: { 'X-Forwarded-For': address }, perMessageDeflate: false });

async function start(limits: Partial<ServerLimits>) {
  const clock = new BentClock();
  const server = await startLocalServer({ clock, trustProxy: true, limits });
  onTestFinished(() => server.stop());
  return { clock, server };
}

/** Gives the server, which is in this process, many turns of the event loop in which it could go on as far as it may. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 300; turn++) await nextTurn();
}

/** For what may take a thread of the pool, which no number of turns waits for. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}

it.each([1, 64])('commands of an address are handled at its rate, over %i connections', async (connections) => {
  const { clock, server } = await start({ rate: 200, burst: 1_000 });
  // Making a room waits for the disk, which no clock moves.
  await WireClient.join(server, 'lobby', {}, from('203.0.113.9'));
  const clients = await Promise.all(
    Array.from({ length: connections }, () => WireClient.open(server, 'lobby', from('203.0.113.1'))),
  );
  for (const client of clients) client.send({ type: 'join' });
  for (const client of clients) for (let i = 0; i < 6_400 / connections; i++) client.send({ type: 'ping' });
  await settle();
  const atOnce = server.chat.metrics.commands;
  // A command may be under way on each of them.
  expect(atOnce).toBeLessThanOrEqual(1_000 + connections);
  let handled = atOnce;
  for (let second = 1; second <= 5; second++) {
    for (let part = 0; part < 20; part++) {
      clock.advance(50);
      await settle();
    }
    expect(server.chat.metrics.commands - handled).toBeLessThanOrEqual(200 + connections);
    handled = server.chat.metrics.commands;
  }
  expect(handled - atOnce).toBeGreaterThan(500);
});

it('other addresses are not slowed, and nothing of a slowed one is lost', async () => {
  const { clock, server } = await start({ rate: 10, burst: 100 });
  const { client: flood } = await WireClient.join(server, 'lobby', {}, from('203.0.113.1'));
  const { client: calm } = await WireClient.join(server, 'lobby', {}, from('203.0.113.2'));
  for (let i = 0; i < 300; i++) flood.send({ type: 'say', text: String(i) });
  await settle();
  await calm.say('in between');
  expect(calm.of('message').length).toBeLessThanOrEqual(101);
  while (flood.of('message').length < 301) {
    clock.advance(1_000);
    await settle();
  }
  const texts = flood.of('message').map(({ text }) => text);
  expect(texts.filter((text) => text !== 'in between')).toEqual(Array.from({ length: 300 }, (_, i) => String(i)));
});

it.each([
  ['a line each', 'X', 0],
  ['blank', '', 2_000],
  ['blank, with spaces', '  ', 2_000],
] as const)('the lines of a frame are paid for: %s', async (_, line, lines) => {
  const { clock, server } = await start({ rate: 100, burst: 1_000 });
  const { client } = await WireClient.join(server, 'lobby', {}, from('203.0.113.1'));
  const { client: calm } = await WireClient.join(server, 'lobby', {}, from('203.0.113.2'));
  client.sendRaw(lines === 0 ? '{"type":"who"}\n'.repeat(2_000) : `${line}\n`.repeat(lines));
  client.send({ type: 'ping' });
  await until(() => server.chat.metrics.slowed.heldBackNow === 1);
  await calm.fence();
  expect(client.of('pong')).toEqual([]);
  expect(server.chat.metrics.slowed.heldBackNow).toBe(1);
  while (client.of('pong').length === 0) {
    clock.advance(1_000);
    await settle();
  }
});

it('a frame is charged as what it inflates to, before its lines are handled', async () => {
  const clock = new BentClock();
  const server = await startLocalServer({
    clock,
    trustProxy: true,
    compression: true,
    limits: { rate: 1, burst: 100 },
  });
  onTestFinished(() => server.stop());
  const options = { ...from('203.0.113.1'), perMessageDeflate: { threshold: 0 } };
  const { client } = await WireClient.join(server, 'lobby', {}, options);
  const padded = `{"type":"ping"${' '.repeat(60_000)}}`;
  expect(deflateRawSync(padded).length).toBeLessThan(200);
  for (let i = 0; i < 3; i++) client.sendRaw(padded);
  await client.next('pong');
  await settle();
  // 58 units each: the second brings the address into debt, and is not looked at.
  expect(client.of('pong')).toHaveLength(1);
});

it('pings and pongs are commands of the address, too', async () => {
  const { clock, server } = await start({ rate: 10, burst: 100, controlFrames: 1_000 });
  const { client } = await WireClient.join(server, 'lobby', {}, from('203.0.113.1'));
  for (let i = 0; i < 100; i++) client.socket.ping();
  client.send({ type: 'ping' });
  await settle();
  expect(client.of('pong')).toEqual([]);
  clock.advance(5_000);
  await client.next('pong');
});

it('connections and joins are paid for, those that are refused too', async () => {
  const { clock, server } = await start({ rate: 1, burst: 100 });
  const nick = 'taken';
  await WireClient.join(server, 'lobby', { nick }, from('203.0.113.2'));
  const client = await WireClient.open(server, 'lobby', from('203.0.113.1'));
  for (let i = 0; i < 40; i++) client.send({ type: 'join', nick });
  await client.count('error', 16);
  await settle();
  // 5 for the connection, 6 for each of them.
  expect(client.of('error').length).toBe(16);
  const late = await WireClient.open(server, 'lobby', from('203.0.113.1'));
  late.send({ type: 'join' });
  await settle();
  expect(late.lines).toEqual([]);
  // It is the server that does not read it: that is not held against it.
  while (late.of('welcome').length === 0) {
    clock.advance(1_000);
    await settle();
  }
});

it('an answer to who costs as much as it lists, a new nick what it costs the others', async () => {
  const { server } = await start({ rate: 1, burst: 400 });
  const others = Array.from({ length: 64 }, (_, i) =>
    WireClient.join(server, 'lobby', {}, from(`203.0.113.${i + 10}`)),
  );
  await Promise.all(others);
  const { client } = await WireClient.join(server, 'lobby', {}, from('203.0.113.1'));
  for (let i = 0; i < 400; i++) client.send({ type: 'who' });
  await client.count('members', 70);
  await settle();
  expect(client.of('members').length).toBeLessThan(80);
  const { client: renamed } = await WireClient.join(server, 'lobby', {}, from('203.0.113.2'));
  for (let i = 0; i < 400; i++) renamed.send({ type: 'nick', nick: `n${i}` });
  await settle();
  expect(renamed.of('renamed').filter(({ nick }) => /^n\d/.test(nick)).length).toBeLessThanOrEqual(80);
});

it('a replay waits when its address has had its bytes, and goes on by itself', async () => {
  const { clock, server } = await start({ replay: 64 * 1024, replayBurst: 256 * 1024, burst: 1e6 });
  const { client: author } = await WireClient.join(server, 'lobby', {}, from('203.0.113.2'));
  for (let i = 0; i < 100; i++) author.send({ type: 'say', text: `${i} `.padEnd(16_000, 'x') });
  await author.count('message', 100);
  // What is pushed to those who are live is not charged: the author has had far more than 256 KiB.
  expect(server.chat.metrics.slowedReplays.heldBack).toBe(0);
  const readers = await Promise.all([1, 2].map(() => WireClient.open(server, 'lobby', from('203.0.113.1'))));
  const received = () => readers.reduce((sum, reader) => sum + reader.of('message').length, 0);
  for (const reader of readers) reader.send({ type: 'join' });
  await until(() => server.chat.metrics.slowedReplays.heldBackNow === 2);
  await settle();
  const most = (256 + 2 * 64) / 16;
  expect(received()).toBeLessThanOrEqual(most + 2);
  await author.say('to those who read as well');
  while (readers.some((reader) => reader.of('live').length === 0)) {
    clock.advance(1_000);
    await settle();
  }
  for (const reader of readers) {
    await reader.next('live');
    const texts = reader.of('message').map(({ text }) => text.split(' ')[0]);
    expect(texts).toEqual([...Array.from({ length: 100 }, (_, i) => String(i)), 'to']);
  }
});

it('looking for the last lines is charged as the replay that it reads, and not as more', async () => {
  const { clock, server } = await start({ replay: 64 * 1024, replayBurst: 1024 * 1024, burst: 1e6 });
  const { client: author } = await WireClient.join(server, 'lobby', {}, from('203.0.113.2'));
  for (let i = 0; i < 100; i++) author.send({ type: 'say', text: `${i} `.padEnd(16_000, 'x') });
  await author.count('message', 100);
  const join = async (last: number) => {
    const client = await WireClient.open(server, 'lobby', from('203.0.113.1'));
    client.send({ type: 'join', last });
    return client;
  };
  // What one line may have at most is given back where lines are shorter.
  for (let i = 0; i < 10; i++) await (await join(1)).next('live');
  const first = await join(90);
  await first.next('welcome');
  const second = await join(90);
  await until(() => server.chat.metrics.slowedReplays.heldBackNow === 2);
  await settle();
  expect(second.lines).toEqual([]);
  await second.drop();
  while (first.of('live').length === 0) {
    clock.advance(1_000);
    await settle();
  }
  expect(first.of('message')).toHaveLength(90);
});
