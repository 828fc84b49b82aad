import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type FileSystem, nodeFileSystem, type SyncMode } from '../../src/log/index.ts';
import { systemError } from './failing-file-system.ts';
import { appendLines, durable, keepLines, nobody, opened, readAll, temporaryFolder } from './support.ts';
import { line } from './support-lines.ts';

/** A file system whose background syncs wait for the test, and that says so of each path. */
function gatedFileSystem() {
  const waiting: { go: () => void; fail: (error: unknown) => void }[] = [];
  const gate = { isOpen: true, waiting, open: () => {}, changes: {} as Partial<FileSystem> };
  const pass = async () => {
    if (!gate.isOpen) await new Promise<void>((go, fail) => waiting.push({ go, fail }));
  };
  gate.open = () => {
    gate.isOpen = true;
    for (const { go } of waiting.splice(0)) go();
  };
  const fs: FileSystem = {
    ...nodeFileSystem,
    rename: (from, to) => (gate.changes.rename ?? nodeFileSystem.rename)(from, to),
    remove: (path) => (gate.changes.remove ?? nodeFileSystem.remove)(path),
    sync: (fd) => (gate.changes.sync ?? nodeFileSystem.sync)(fd),
    syncInBackground: async (fd) => {
      await pass();
      await nodeFileSystem.syncInBackground(fd);
    },
    syncDataInBackground: async (fd) => {
      await pass();
      await nodeFileSystem.syncDataInBackground(fd);
    },
  };
  return { fs, gate };
}

/** Lets everything run that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it.each(['always', 'interval', 'off'] as const)('%s: waits for no disk in the turn of anybody else', async (sync) => {
  const { fs, gate } = gatedFileSystem();
  const { directory } = await opened(temporaryFolder(), { sync, fs });
  gate.changes.sync = () => {
    throw new Error('synced on the event loop');
  };
  const log = await directory.create('lobby', { created: 5 }, nobody);
  const lines = await keepLines(log, 3);
  await log.close();
  const again = await directory.open('lobby', nobody);
  expect(await readAll(again)).toBe(lines.join(''));
  await keepLines(again, 1);
  await again.close();
  await directory.deleteRoom('lobby');
});

it('interval: the first lines wait for the mark, in the background; those that follow wait for nothing', async () => {
  const { fs, gate } = gatedFileSystem();
  const { directory } = await opened(temporaryFolder(), { fs });
  let told = 0;
  const log = await directory.create('lobby', { created: 5 }, { durable: () => (told += 1), late: () => {} });
  gate.isOpen = false;
  const lines = appendLines(log, 2);
  await settle();
  expect(gate.waiting).toHaveLength(1);
  expect(await readAll(log)).toBe('');
  lines.push(...appendLines(log, 1));
  gate.open();
  await durable(log);
  expect(told).toBe(1);
  gate.isOpen = false;
  lines.push(...appendLines(log, 1));
  expect(log.durableEnd).toBe(log.appendedEnd);
  expect(await readAll(log)).toBe(lines.join(''));
  gate.open();
});

it('interval: what a killed server left is shown once its mark is durable', async () => {
  const path = temporaryFolder();
  const first = await opened(path, { sync: 'off', bootId: 'one' });
  const lines = appendLines(await first.directory.create('lobby', { created: 5 }, nobody), 2);
  await first.directory.close();
  const { fs, gate } = gatedFileSystem();
  const second = await opened(path, { fs, bootId: 'one' });
  writeFileSync(join(path, 'rooms', 'lobby', 'open'), 'one\n0\n');
  gate.isOpen = false;
  let isOpen = false;
  const opening = second.directory.open('lobby', nobody).then((log) => {
    isOpen = true;
    return log;
  });
  await settle();
  expect(isOpen).toBe(false);
  gate.open();
  expect(await readAll(await opening)).toBe(lines.join(''));
});

it('a mark that cannot be put in its place holds the lines back, is said once, and is tried again', async () => {
  const { fs, gate } = gatedFileSystem();
  const { directory, events, failures } = await opened(temporaryFolder(), { fs });
  const log = await directory.create('lobby', { created: 5 }, nobody);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  gate.changes.rename = () => {
    throw systemError('ENOSPC');
  };
  const lines = appendLines(log, 1);
  await vi.waitFor(() => expect(events).toMatchObject([{ kind: 'mark-failed', room: 'lobby', why: 'make' }]));
  expect(await readAll(log)).toBe('');
  vi.advanceTimersByTime(2_000);
  gate.changes = {};
  vi.advanceTimersByTime(1_000);
  await durable(log);
  expect(await readAll(log)).toBe(lines.join(''));
  expect(events).toHaveLength(1);
  expect(failures).toEqual([]);
});

it.each(['EPERM', 'EROFS'])('a log whose mark cannot be removed (%s) is closed all the same', async (code) => {
  const path = temporaryFolder();
  const { fs, gate } = gatedFileSystem();
  const { directory, events } = await opened(path, { fs });
  const log = await directory.create('lobby', { created: 5 }, nobody);
  const lines = await keepLines(log, 2);
  gate.changes.remove = () => {
    throw systemError(code);
  };
  await log.close();
  expect(events).toMatchObject([{ kind: 'mark-failed', room: 'lobby', why: 'remove' }]);
  expect(existsSync(join(path, 'rooms', 'lobby', 'open'))).toBe(true);
  // Nothing is held any more: neither the entry nor the descriptor.
  gate.changes = {};
  const again = await directory.open('lobby', nobody);
  expect(await readAll(again)).toBe(lines.join(''));
  expect(again.lastSeq).toBe(2);
});

it('tells its room while its oldest line waits too long for the disk, and when it does not any more', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { fs, gate } = gatedFileSystem();
  const { directory } = await opened(temporaryFolder(), { fs });
  const told: boolean[] = [];
  const listener = { durable: () => {}, late: (isLate: boolean) => told.push(isLate) };
  const log = await directory.create('lobby', { created: 5 }, listener);
  await keepLines(log, 1);
  gate.isOpen = false;
  vi.advanceTimersByTime(1_000);
  appendLines(log, 1);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([true]);
  expect(directory.oldestUnsynced).toBe(2_000);
  gate.open();
  await vi.waitFor(() => expect(told).toEqual([true, false]));
});

it.each(['always', 'interval'] as SyncMode[])(
  '%s: closes what it can in its time, and says how many logs are left unsynced, with their marks',
  async (sync) => {
    const path = temporaryFolder();
    const { fs, gate } = gatedFileSystem();
    const { directory, events } = await opened(path, { sync, fs });
    const rooms = ['a', 'b', 'c', 'd'];
    const logs = await Promise.all(rooms.map((room) => directory.create(room, { created: 5 }, nobody)));
    const [idle, ...written] = logs;
    for (const log of written) await keepLines(log, 1);
    gate.isOpen = false;
    for (const log of written) appendLines(log, 1);
    expect(idle?.appendedEnd).toBe(0);
    expect(await directory.close(50)).toBe(false);
    expect(events).toEqual([{ kind: 'unsynced', logs: 3 }]);
    gate.open();
    await settle();
    for (const room of ['b', 'c', 'd']) expect(existsSync(join(path, 'rooms', room, 'open'))).toBe(true);
    // The next server has the lock, and all that was appended.
    const next = await opened(path);
    for (const room of ['b', 'c', 'd']) expect((await next.directory.open(room, nobody)).lastSeq).toBe(2);
  },
);

it('closes a log too that was just being opened', async () => {
  const path = temporaryFolder();
  const { fs, gate } = gatedFileSystem();
  const { directory } = await opened(path, { fs });
  gate.isOpen = false;
  const creating = directory.create('lobby', { created: 5 }, nobody);
  const closed = directory.close();
  await settle();
  gate.open();
  expect(await closed).toBe(true);
  await expect(creating.then((log) => log.append(Buffer.from(line(1)), 1))).rejects.toThrow('closed');
  expect(existsSync(join(path, 'rooms', 'lobby', 'open'))).toBe(false);
});
