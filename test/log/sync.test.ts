import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { AppendError } from '../../src/log/index.ts';
import { type Faults, failingFileSystem, systemError } from './failing-file-system.ts';
import { appendLines, keepLines, nobody, opened, readAll, temporaryFolder } from './support.ts';
import { line } from './support-lines.ts';

/** Background syncs that wait until the test lets them go. */
function heldSyncs() {
  const waiting: { go: () => void; fail: (error: unknown) => void }[] = [];
  let started = () => {};
  const syncData = () =>
    new Promise<void>((go, fail) => {
      waiting.push({ go, fail });
      started();
    });
  /** The next sync, as soon as it has begun. */
  const next = async () => {
    if (waiting.length === 0) await new Promise<void>((resolve) => (started = resolve));
    const sync = waiting.shift();
    if (sync === undefined) throw new Error('no sync has begun');
    return sync;
  };
  return { syncData, waiting, next };
}

/** Counts calls of `durable` and lets a test wait for the next. */
function listening() {
  let wake = () => {};
  const listener = {
    calls: 0,
    durable: () => {
      listener.calls += 1;
      wake();
    },
    late: () => {},
    next: () => new Promise<void>((resolve) => (wake = resolve)),
  };
  return listener;
}

it('always: tells nothing before the sync that covers it has returned, and has one sync under way', async () => {
  const { syncData, waiting, next } = heldSyncs();
  const { directory } = await opened(temporaryFolder(), { sync: 'always', fs: failingFileSystem({ syncData }) });
  const listener = listening();
  const log = await directory.create('lobby', { created: 5 }, listener);

  const first = appendLines(log, 1).join('');
  const sync = await next();
  const rest = appendLines(log, 5).join('');
  expect(waiting).toHaveLength(0);
  expect(log.durableEnd).toBe(0);
  expect(log.appendedEnd).toBe((first + rest).length);
  expect(await readAll(log)).toBe('');

  let told = listener.next();
  sync.go();
  await told;
  // What came while the first sync ran is covered by the second, not by the first.
  expect(log.durableEnd).toBe(first.length);
  expect(await readAll(log)).toBe(first);
  told = listener.next();
  (await next()).go();
  await told;
  expect(listener.calls).toBe(2);
  expect(await readAll(log)).toBe(first + rest);
  expect(waiting).toHaveLength(0);
});

it('always: a log that is closed tells of what it had still to sync', async () => {
  const { syncData, next } = heldSyncs();
  const { directory } = await opened(temporaryFolder(), { sync: 'always', fs: failingFileSystem({ syncData }) });
  const listener = listening();
  const log = await directory.create('lobby', { created: 5 }, listener);
  appendLines(log, 1);
  const sync = await next();
  appendLines(log, 1);
  const closed = log.close();
  sync.go();
  (await next()).go();
  await closed;
  expect(listener.calls).toBe(2);
  expect(log.durableEnd).toBe(log.appendedEnd);
});

it('always: lines of a killed server count only after a sync at opening', async () => {
  const path = temporaryFolder();
  const before = await opened(path, { sync: 'off' });
  appendLines(await before.directory.create('lobby', { created: 5 }, nobody), 3);
  await before.directory.close();
  const faults: Faults = {};
  const { directory, failures } = await opened(path, { sync: 'always', fs: failingFileSystem(faults) });
  const synced: string[] = [];
  faults.sync = (file) => synced.push(file);
  const log = await directory.open('lobby', nobody);
  expect(synced).toContain(join(path, 'rooms', 'lobby', 'log.ndjson'));
  expect(log.durableEnd).toBe(log.appendedEnd);
  await log.close();

  faults.sync = () => {
    throw systemError('EIO');
  };
  await expect(directory.open('lobby', nobody)).rejects.toThrow('EIO');
  expect(failures).toHaveLength(1);
});

it.each(['always', 'interval'] as const)(
  '%s: a new room is on disk with its folders before its first line',
  async (sync) => {
    const path = temporaryFolder();
    const data = join(path, 'a', 'b');
    const synced = new Set<string>();
    const faults: Faults = { sync: (file) => synced.add(file) };
    const { directory } = await opened(data, { sync, fs: failingFileSystem(faults) });
    for (const folder of [path, join(path, 'a'), data]) expect(synced).toContain(folder);
    synced.clear();
    const log = await directory.create('lobby', { created: 5 }, nobody);
    const folder = join(data, 'rooms', 'lobby');
    faults.write = (length) => {
      for (const file of ['room.json.new', 'open.new']) expect(synced).toContain(join(folder, file));
      for (const parent of [folder, join(data, 'rooms')]) expect(synced).toContain(parent);
      return length;
    };
    appendLines(log, 1);
    expect.assertions(7);
  },
);

it.each(['always', 'interval', 'off'] as const)('%s: room.json is durable before there is a log', async (sync) => {
  const path = temporaryFolder();
  const folder = join(path, 'rooms', 'lobby');
  const order: string[] = [];
  const faults: Faults = { sync: (file) => order.push(`${file} ${existsSync(join(folder, 'log.ndjson'))}`) };
  const { directory } = await opened(path, { sync, fs: failingFileSystem(faults) });
  await directory.create('lobby', { created: 5 }, nobody);
  expect(order).toContain(`${folder}/room.json.new false`);
  expect(order).toContain(`${folder} false`);
});

it('a failed sync is told once, never tried again, and no receipt follows it', async () => {
  let syncs = 0;
  const syncData = () => {
    syncs += 1;
    throw systemError('EIO');
  };
  const fs = failingFileSystem({ syncData });
  const { directory, failures } = await opened(temporaryFolder(), { sync: 'always', fs });
  const listener = listening();
  const log = await directory.create('lobby', { created: 5 }, listener);
  appendLines(log, 1);
  await vi.waitFor(() => expect(failures).toHaveLength(1));
  expect(() => log.append(Buffer.from(line(2)), 2)).toThrow(AppendError);
  await log.close();
  expect(syncs).toBe(1);
  expect(listener.calls).toBe(0);
  expect(log.durableEnd).toBe(0);
  expect(failures).toHaveLength(1);
});

it('interval: one sync a second for a log that was written, none for one that was not', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { syncData, waiting, next } = heldSyncs();
  const { directory } = await opened(temporaryFolder(), { sync: 'interval', fs: failingFileSystem({ syncData }) });
  const rooms = ['a', 'b', 'c', 'd', 'e'];
  const logs = await Promise.all(rooms.map((room) => directory.create(room, { created: 5 }, nobody)));
  for (const log of logs.slice(0, 4)) await keepLines(log, 3);
  vi.advanceTimersByTime(999);
  expect(waiting).toHaveLength(0);
  vi.advanceTimersByTime(1);
  // Two at once, so that the pool's threads are there for others too.
  expect(waiting).toHaveLength(2);
  for (let i = 0; i < 4; i += 1) (await next()).go();
  await Promise.all(logs.map((log) => log.close()));
  expect(waiting).toHaveLength(0);
});
