import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { SyncMode } from '../../src/log/index.ts';
import { ForgetfulDisk } from './forgetful-disk.ts';
import { appendLines, keepLines, nobody, opened, readAll, temporaryFolder } from './support.ts';

/** A server whose third line cannot be synced, and that stops; its data directory, and the lines it has accepted. */
async function failedServer(disk: ForgetfulDisk, sync: SyncMode) {
  const path = temporaryFolder();
  const { directory, failures } = await opened(path, { sync, fs: disk.fs, bootId: 'one' });
  const log = await directory.create('lobby', { created: 5 }, nobody);
  const lines = await keepLines(log, 2);
  await log.close();
  const again = await directory.open('lobby', nobody);
  disk.failing = true;
  lines.push(...appendLines(again, 1));
  await again.close();
  await directory.close();
  expect(failures).toHaveLength(1);
  disk.failing = false;
  const file = join(path, 'rooms', 'lobby', 'log.ndjson');
  // Everybody can read the line, but the disk does not have it.
  expect(readFileSync(file, 'utf8')).toBe(lines.join(''));
  expect(disk.onDisk(file)).toBe(lines.slice(0, 2).join(''));
  return { path, file, lines };
}

it.each(['always', 'interval'] as const)(
  '%s: after a failed sync the next server brings to the disk what it shows',
  async (sync) => {
    const disk = new ForgetfulDisk();
    const { path, file, lines } = await failedServer(disk, sync);
    const { directory } = await opened(path, { sync, fs: disk.fs, bootId: 'one' });
    const log = await directory.open('lobby', nobody);
    expect(await readAll(log)).toBe(lines.join(''));
    expect(disk.onDisk(file)).toBe(lines.join(''));
    lines.push(...(await keepLines(log, 1)));
    await log.close();
    expect(disk.onDisk(file)).toBe(lines.join(''));
  },
);

it('stops again where the disk still does not take what it shows, and does not forget that', async () => {
  const disk = new ForgetfulDisk();
  const { path, file, lines } = await failedServer(disk, 'interval');
  disk.failing = true;
  const second = await opened(path, { fs: disk.fs, bootId: 'one' });
  await expect(second.directory.open('lobby', nobody)).rejects.toThrow('EIO');
  await vi.waitFor(() => expect(second.failures).toHaveLength(1));
  await second.directory.close();
  disk.failing = false;
  const third = await opened(path, { fs: disk.fs, bootId: 'one' });
  await third.directory.open('lobby', nobody);
  expect(disk.onDisk(file)).toBe(lines.join(''));
});
