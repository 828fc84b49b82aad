// How much the rooms take: right after a count, and whatever happens while it runs.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { appendLines, nobody, opened, temporaryFolder } from './support.ts';
import { line } from './support-lines.ts';

const made = { created: 5 };

/** Appends as a room does, which tells what it has appended. */
async function appender(directory: Awaited<ReturnType<typeof opened>>['directory'], room: string) {
  const log = await directory.create(room, made, nobody);
  return (count: number) => {
    const bytes = appendLines(log, count).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    directory.usage.appended(room, bytes, log.appendedEnd);
    return bytes;
  };
}

it('counts the rooms and the bytes of their logs that are there already', async () => {
  const path = temporaryFolder();
  const { directory: before } = await opened(path);
  let bytes = 0;
  for (const room of ['a', 'Ä', 'c']) bytes += (await appender(before, room))(10);
  await before.close();
  const { directory } = await opened(path);
  expect([directory.usage.rooms, directory.usage.bytes]).toEqual([0, 0]);
  await directory.usage.count();
  expect([directory.usage.rooms, directory.usage.bytes]).toEqual([3, bytes]);
});

it('counts what comes while it counts once, in rooms old and new', async () => {
  const path = temporaryFolder();
  const { directory: before } = await opened(path);
  let bytes = 0;
  for (let i = 0; i < 50; i++) bytes += (await appender(before, `old-${i}`))(5);
  await before.close();
  const { directory } = await opened(path);
  const rooms = Array.from({ length: 50 }, (_, i) => `old-${i}`);
  const logs = await Promise.all(rooms.map(async (room) => ({ room, log: await directory.open(room, nobody) })));
  let isCounting = true;
  const counted = directory.usage.count().finally(() => {
    isCounting = false;
  });
  let rounds = 0;
  const making: Promise<void>[] = [];
  const make = async (room: string): Promise<void> => {
    const append = await appender(directory, room);
    bytes += append(1);
  };
  while (isCounting) {
    for (const { room, log } of logs) {
      const text = line(log.lastSeq + 1);
      log.append(Buffer.from(text), log.lastSeq + 1);
      directory.usage.appended(room, text.length, log.appendedEnd);
      bytes += text.length;
    }
    making.push(make(`new-${rounds++}`));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await counted;
  await Promise.all(making);
  expect(rounds).toBeGreaterThan(1);
  expect([directory.usage.rooms, directory.usage.bytes]).toEqual([50 + rounds, bytes]);
  await directory.usage.count();
  expect([directory.usage.rooms, directory.usage.bytes]).toEqual([50 + rounds, bytes]);
});

it('learns of rooms that are deleted, also while it counts', async () => {
  const path = temporaryFolder();
  const { directory: before } = await opened(path);
  const kept = (await appender(before, 'kept'))(10);
  for (const room of ['one', 'two']) (await appender(before, room))(10);
  await before.close();
  const { directory } = await opened(path);
  const counting = directory.usage.count();
  await directory.deleteRoom('one');
  await counting;
  expect(directory.usage.rooms).toBe(2);
  await directory.deleteRoom('two');
  await directory.usage.count();
  expect([directory.usage.rooms, directory.usage.bytes]).toEqual([1, kept]);
});

it('leaves what is no room out of the bytes, and stops when the directory is closed', async () => {
  const path = temporaryFolder();
  const { directory, events } = await opened(path);
  mkdirSync(join(path, 'rooms', 'empty'));
  writeFileSync(join(path, 'rooms', 'file'), 'x');
  await directory.usage.count();
  expect(directory.usage.bytes).toBe(0);
  directory.countRooms();
  await directory.close();
  expect(events).toEqual([]);
});
