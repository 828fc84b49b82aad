// The bounds of what is kept: refused before it is written, said once, and over when there is room again. A real server
// on real files; only how much of the disk is free is what the test says.

import { expect, it, onTestFinished } from 'vitest';
import { type DiskSpace, nodeFileSystem } from '../../../src/log/index.ts';
import { broadcast } from '../../../src/server/admin/speech.ts';
import type { ServerLimits } from '../../../src/server/common/limits.ts';
import { BentClock } from '../../support/bent-clock.ts';
import { type LocalServer, startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

const GIB = 1024 ** 3;

async function start(limits: Partial<ServerLimits>, space?: () => Promise<DiskSpace>) {
  const clock = new BentClock();
  const fs = space === undefined ? nodeFileSystem : { ...nodeFileSystem, spaceInBackground: space };
  const server = await startLocalServer({ clock, fs, trustProxy: true, limits: { minFree: 0, ...limits } });
  onTestFinished(() => server.stop());
  return { clock, server };
}

const from = (address: string) => ({ headers: { 'X-Forwarded-For': address }, perMessageDeflate: false });

function warnings(server: LocalServer): string[] {
  return server.events.flatMap((event) => (event.event === 'warning' ? [event.message] : []));
}

/** Says so much, and answers `saved` or the reason why not. */
async function say(client: WireClient, ref: string, bytes = 1_000): Promise<string> {
  client.send({ type: 'say', text: 'x'.repeat(bytes), ref });
  const answer = await Promise.race([
    client.next('message', (line) => line.ref === ref),
    client.next('error', (line) => line.ref === ref),
  ]);
  return answer.type === 'message' ? 'saved' : `${answer.code}: ${answer.message}`;
}

const notSaved = (server: LocalServer) => Object.fromEntries(server.chat.metrics.notSaved);

it('a room holds what it may hold; others go on, and what it has can be read', async () => {
  const { server } = await start({ roomSize: 10_000 });
  const { client } = await WireClient.join(server, 'small', { nick: 'ann' });
  const answers: string[] = [];
  for (let i = 0; i < 12; i++) answers.push(await say(client, `m${i}`));
  expect(answers.filter((answer) => answer === 'saved')).toHaveLength(8);
  expect(answers.at(-1)).toMatch(/^not_saved: This room is full, it holds at most 9\.8 KiB/);
  expect(warnings(server)).toEqual(['the log has reached --max-room-size, 9.8 KiB: messages are refused.']);
  expect(notSaved(server)).toEqual({ room_size: 4 });
  // What still fits is saved.
  expect(await say(client, 'short', 1)).toBe('saved');
  expect((await WireClient.join(server, 'small')).client.of('message')).toHaveLength(9);
  const { client: elsewhere } = await WireClient.join(server, 'other');
  expect(await say(elsewhere, 'm')).toBe('saved');
});

it('the server’s own word is refused as well', async () => {
  const { server } = await start({ roomSize: 100 });
  await WireClient.join(server, 'small');
  await expect(broadcast(server.chat, 'small', 'x'.repeat(100))).rejects.toMatchObject({ code: 'not_saved' });
});

it('all logs together hold what they may, those of before too; deleting a room makes room', async () => {
  const { clock, server } = await start({ dataSize: 10_000 });
  const { client: first } = await WireClient.join(server, 'first');
  for (let i = 0; i < 5; i++) expect(await say(first, `m${i}`)).toBe('saved');
  await first.leave();
  const { client: second } = await WireClient.join(server, 'second');
  const answers: string[] = [];
  for (let i = 0; i < 6; i++) answers.push(await say(second, `m${i}`));
  expect(answers.filter((answer) => answer === 'saved')).toHaveLength(3);
  expect(answers.at(-1)).toMatch(/^not_saved: This server is full/);
  // Nothing more is kept: no new rooms, and nothing small either, so that it is full once and not again and again.
  expect(await say(second, 'short', 1)).toContain('not_saved');
  const third = await WireClient.open(server, 'third');
  third.send({ type: 'join' });
  expect((await third.next('error')).code).toBe('overloaded');
  expect(warnings(server)).toEqual([expect.stringContaining('have reached --max-data, 9.8 KiB')]);
  expect(notSaved(server)).toEqual({ data_size: 4 });

  expect(await server.chat.rooms.remove('first', () => {})).toBe(true);
  await server.chat.directory.usage.count();
  clock.advance(1_000);
  expect(await say(second, 'again')).toBe('saved');
  expect(warnings(server)).toHaveLength(2);
  expect(warnings(server)[1]).toContain('messages are saved');
});

it('what a restart finds counts', async () => {
  const { server } = await start({});
  const { client } = await WireClient.join(server, 'lobby');
  for (let i = 0; i < 5; i++) await say(client, `m${i}`);
  await client.leave();
  await server.chat.stop('restart');
  const again = await startLocalServer({ data: server.data, limits: { dataSize: 5_500 } });
  onTestFinished(() => again.stop());
  await again.chat.directory.usage.count();
  expect(again.chat.storage.bytes).toBeGreaterThan(5_000);
  const { client: late } = await WireClient.join(again, 'lobby');
  expect(await say(late, 'more')).toContain('not_saved');
});

it('below the floor of free space nothing is saved, until there is some more than it', async () => {
  const disk = { free: 3 * GIB, size: 100 * GIB };
  const { clock, server } = await start({ minFree: 2 * GIB }, async () => disk);
  const { client } = await WireClient.join(server, 'lobby');
  expect(await say(client, 'a')).toBe('saved');
  const look = async () => {
    clock.advance(1_000);
    await client.fence();
    clock.advance(1_000);
    await client.fence();
  };
  disk.free = 2 * GIB - 1;
  await look();
  expect(await say(client, 'b')).toMatch(/^not_saved: The server's disk is nearly full/);
  expect(await say(client, 'c')).toContain('not_saved');
  disk.free = 2 * GIB + 1;
  await look();
  expect(await say(client, 'd')).toContain('not_saved');
  disk.free = 2 * GIB + 1024 ** 2;
  await look();
  expect(await say(client, 'e')).toBe('saved');
  expect(warnings(server)).toEqual([
    expect.stringMatching(/^less than 2 GiB of the disk is free \(--min-free\)/),
    expect.stringContaining('of the disk is free again'),
  ]);
  expect(notSaved(server)).toEqual({ free_space: 3 });
});

it('the floor is 1 GiB, or 5 % of a disk on which that is less', async () => {
  for (const [size, floor] of [
    [100 * GIB, GIB],
    [GIB, GIB / 20],
  ] as const) {
    let free = floor + 2 ** 20;
    const { clock, server } = await start({ minFree: undefined }, async () => ({ free, size }));
    const { client } = await WireClient.join(server, 'lobby');
    expect(await say(client, 'a')).toBe('saved');
    free = floor - 1;
    clock.advance(1_000);
    await client.fence();
    expect(await say(client, 'b')).toContain('not_saved');
  }
});

it('what is written between two looks counts, however long the disk takes to answer', async () => {
  let answered = 0;
  const disk = { free: GIB + 5_000, size: 100 * GIB };
  const never = new Promise<DiskSpace>(() => {});
  const { clock, server } = await start({ minFree: GIB }, async () => {
    answered++;
    return answered === 1 ? disk : never;
  });
  const { client } = await WireClient.join(server, 'lobby');
  const answers: string[] = [];
  for (let i = 0; i < 6; i++) {
    clock.advance(5_000);
    answers.push(await say(client, `m${i}`));
  }
  expect(answers.map((answer) => answer.slice(0, 9))).toEqual([...Array(4).fill('saved'), 'not_saved', 'not_saved']);
  // One question at a time.
  expect(answered).toBe(2);
});

it('a disk that does not say what is free is no limit, and that is said once', async () => {
  const failing = () => Promise.reject(new Error('ENOSYS: made to fail'));
  const { clock, server } = await start({ minFree: GIB }, failing);
  const { client } = await WireClient.join(server, 'lobby');
  for (let i = 0; i < 3; i++) {
    clock.advance(1_000);
    expect(await say(client, `m${i}`)).toBe('saved');
  }
  expect(warnings(server)).toEqual(['the disk does not report its free space: ENOSYS: made to fail']);
});

it('rooms on the disk are bounded, open or not; those that exist are open to everybody', async () => {
  const { server } = await start({ storedRooms: 3 });
  for (const room of ['a', 'b', 'c']) await (await WireClient.join(server, room)).client.leave();
  for (let i = 0; i < 2; i++) {
    const client = await WireClient.open(server, 'd');
    client.send({ type: 'join' });
    expect((await client.next('error')).message).toContain('accepts no more new rooms');
    expect((await client.closed).code).toBe(1013);
  }
  await WireClient.join(server, 'a');
  expect(warnings(server)).toEqual([expect.stringContaining('--max-stored-rooms')]);
  expect(server.chat.directory.has('d')).toBe(false);
});

it('an address writes so much an hour, over however many connections; others are not affected', async () => {
  const { clock, server } = await start({ hourlyBytes: 60_000 });
  const clients = await Promise.all(
    Array.from({ length: 4 }, () => WireClient.join(server, 'lobby', {}, from('203.0.113.1'))),
  );
  const answers: string[] = [];
  for (let i = 0; i < 60; i++) {
    const { client } = clients[i % 4] ?? clients[0] ?? expect.fail();
    answers.push(await say(client, `m${i}`));
  }
  const saved = answers.filter((answer) => answer === 'saved').length;
  expect(saved).toBeGreaterThan(40);
  expect(saved).toBeLessThan(55);
  expect(answers.slice(saved).every((answer) => answer.startsWith('not_saved: Your address has written'))).toBe(true);
  expect(answers.at(-1)).toMatch(/\(58\.6 KiB an hour\): your message was not saved\. Try again in 2 minutes\.$/);
  const { client: other } = await WireClient.join(server, 'lobby', {}, from('203.0.113.2'));
  expect(await say(other, 'o')).toBe('saved');
  // Not a line each second, but nothing for a while and then a minute's worth; coming again does not help.
  const again = async () => say((await WireClient.join(server, 'lobby', { last: 0 }, from('203.0.113.1'))).client, 'a');
  clock.advance(30_000);
  expect(await again()).toContain('not_saved');
  clock.advance(90_000);
  expect(await again()).toBe('saved');
  expect(warnings(server)).toEqual([
    '203.0.113.1 has written 58.6 KiB within an hour (--max-hourly): its messages are refused for now.',
    '203.0.113.1 may write again.',
  ]);
  expect(notSaved(server)).toEqual({ address: 60 - saved + 1 });
});

it('the neighbours of an IPv6 address have no more than their network', async () => {
  const { server } = await start({ hourlyBytes: 10_000, roomsPerHour: 3 });
  const answers = new Map<string, number>();
  for (let host = 0; host < 40; host++) {
    const { client } = await WireClient.join(
      server,
      'lobby',
      {},
      from(`2001:db8:0:1${host.toString(16).padStart(2, '0')}::1`),
    );
    for (let i = 0; i < 2; i++) {
      const answer = (await say(client, `m${i}`)).slice(0, 9);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  }
  // Four times what one /64 may write: one more for each that was let into debt.
  expect(answers.get('saved')).toBeLessThanOrEqual(40);
  expect(answers.get('not_saved')).toBeGreaterThanOrEqual(40);
});
