// A disk whose syncs do not return: what waits for them stays bounded, nobody else waits, and a stop is not kept up.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type FileSystem, nodeFileSystem } from '../../../src/log/index.ts';
import { GatedSync } from '../../support/gated-sync.ts';
import { startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

const MIB = 1024 * 1024;

test('always: who says more than may wait for the disk is not read; all of it comes once the disk is back', async () => {
  const gate = new GatedSync();
  const server = await startLocalServer({ sync: 'always', fs: gate.fs, limits: { unsynced: MIB } });
  onTestFinished(() => {
    gate.open();
    return server.stop();
  });
  const { client: author } = await WireClient.join(server, 'lobby');
  const { client: other } = await WireClient.join(server, 'other');
  const text = 'x'.repeat(1_000);
  const count = 2_000;
  for (let i = 0; i < count; i += 20) {
    author.send(...Array.from({ length: 20 }, (_, j) => ({ type: 'say', text, ref: `${i + j}` })));
  }
  const release = await gate.next();
  // Each answer comes a turn later; without a bound everything would have been taken by then.
  for (let turn = 0; turn < 200; turn += 1) await other.fence();
  expect(server.chat.metrics.messages).toBeLessThan(count / 2);
  expect(author.of('message')).toEqual([]);
  release();
  gate.open();
  await author.count('message', count);
  expect(author.of('message').map(({ ref }) => ref)).toEqual(Array.from({ length: count }, (_, i) => `${i}`));
});

test('a stop takes no longer than it may, and says how many rooms were not synced', async () => {
  const gate = new GatedSync();
  const server = await startLocalServer({ fs: gate.fs, limits: { shutdown: 100 } });
  onTestFinished(() => {
    gate.open();
    return server.stop();
  });
  const rooms = ['a', 'b', 'c'];
  for (const room of rooms) {
    const { client } = await WireClient.join(server, room);
    await client.say('not synced');
  }
  const marks = rooms.map((room) => join(server.data, 'rooms', room, 'open'));
  await server.chat.stop('a test');
  const unsynced = JSON.stringify({ kind: 'unsynced', logs: rooms.length });
  expect(server.events).toContainEqual({ event: 'warning', at: 0, message: unsynced });
  expect(server.events.at(-1)).toMatchObject({ event: 'stopped' });
  for (const mark of marks) expect(existsSync(mark)).toBe(true);
});

test('of many who come at once to a new room on a slow disk, exactly one makes it', async () => {
  const waiting: (() => void)[] = [];
  const fs: FileSystem = {
    ...nodeFileSystem,
    syncInBackground: async (fd) => {
      await new Promise<void>((go) => waiting.push(go));
      await nodeFileSystem.syncInBackground(fd);
    },
  };
  const server = await startLocalServer({ fs });
  onTestFinished(() => server.stop());
  const { client: other } = await createdWhile(waiting, () => WireClient.join(server, 'other'));
  const joins = Array.from({ length: 5 }, () => WireClient.join(server, 'lobby'));
  // Nobody else waits for that disk.
  for (let turn = 0; turn < 20; turn += 1) await other.fence();
  const joined = await createdWhile(waiting, () => Promise.all(joins));
  expect(joined.filter(({ welcome }) => welcome.created)).toHaveLength(1);
  expect(new Set(joined.map(({ welcome }) => welcome.epoch)).size).toBe(1);
});

/** Lets syncs return while something waits for them. */
async function createdWhile<T>(waiting: (() => void)[], work: () => Promise<T>): Promise<T> {
  let isDone = false;
  const done = work().finally(() => {
    isDone = true;
  });
  while (!isDone) {
    for (const go of waiting.splice(0)) go();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return done;
}
