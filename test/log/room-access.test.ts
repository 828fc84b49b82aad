// Who may come into a room, as it is kept on the disk: ids that have ended, and how often the keys of all were changed.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ForeignRoomError, nodeFileSystem } from '../../src/log/index.ts';
import { systemError } from './failing-file-system.ts';
import { nobody, opened, temporaryFolder } from './support.ts';

const PASSWORD = { algorithm: 'scrypt', N: 2, r: 1, p: 1, salt: 'c2FsdA', hash: 'aGFzaA' } as const;
const id = (n: number) => String(n).padStart(24, '0');

async function room(path = temporaryFolder(), options: Parameters<typeof opened>[1] = {}) {
  const { directory, failures } = await opened(path, options);
  const log = directory.has('lobby')
    ? await directory.open('lobby', nobody)
    : await directory.create('lobby', { created: 5, password: PASSWORD }, nobody);
  return { path, directory, failures, log, access: log.access, file: join(path, 'rooms', 'lobby', 'room.json') };
}

it('an id that has ended has ended at once, and after a restart', async () => {
  const first = await room();
  const revoking = first.access.revoke(id(1));
  expect(first.access.isRevoked(id(1))).toBe(true);
  expect(first.access.isRevoked(id(2))).toBe(false);
  expect(await revoking).toBe(true);
  expect(await first.access.revoke(id(1))).toBe(false);
  expect(statSync(first.file).mode & 0o777).toBe(0o600);
  // As a crash leaves it.
  const kept = readFileSync(first.file);
  await first.directory.close();
  writeFileSync(first.file, kept);
  const second = await room(first.path);
  expect(second.access.isRevoked(id(1))).toBe(true);
  expect(second.log.meta).toMatchObject({ password: PASSWORD, epoch: first.log.meta.epoch });
});

it('many that end at once are all on the disk when they are told', async () => {
  const { access, file } = await room();
  await Promise.all(Array.from({ length: 50 }, (_, n) => access.revoke(id(n))));
  const { revoked } = JSON.parse(readFileSync(file, 'utf8'));
  expect(revoked).toEqual(Array.from({ length: 50 }, (_, n) => id(n)));
});

it('past a thousand the keys of all are changed, so that none has to be kept', async () => {
  const { access, log } = await room();
  await Promise.all(Array.from({ length: 1000 }, (_, n) => access.revoke(id(n))));
  expect(log.meta.keys).toBeUndefined();
  await access.revoke(id(1000));
  expect(log.meta.keys).toBe(1);
  expect(log.meta.revoked).toEqual([id(1000)]);
});

it('another password holds at once and after a restart, and so does none; each changes all keys', async () => {
  const first = await room();
  await first.access.revoke(id(1));
  const other = { ...PASSWORD, hash: 'b3RoZXI' };
  const changing = first.access.changePassword(other);
  expect(first.log.meta).toMatchObject({ password: other, keys: 1 });
  await changing;
  await first.directory.close();
  const second = await room(first.path);
  expect(second.log.meta).toMatchObject({ password: other, keys: 1 });
  // Its key is one of before.
  expect(second.access.isRevoked(id(1))).toBe(false);
  await second.access.changePassword(undefined);
  await second.directory.close();
  const third = await room(first.path);
  expect(third.log.meta.password).toBeUndefined();
  expect(third.log.meta.keys).toBe(2);
});

it.each([
  ['keys', -1],
  ['keys', '1'],
  ['revoked', 'x'],
  ['revoked', [7]],
])('a room whose %s cannot be read (%j) is not opened', async (field, value) => {
  const { path, directory, file, log } = await room();
  await log.close();
  writeFileSync(file, JSON.stringify({ ...log.meta, [field]: value }));
  await expect(directory.open('lobby', nobody)).rejects.toThrow(ForeignRoomError);
  rmSync(path, { recursive: true, force: true });
});

it('what cannot be written still holds, is said, and is written at the next try', async () => {
  const { access, file } = await room();
  // In the way of the file that is to be renamed.
  mkdirSync(`${file}.new`);
  await expect(access.revoke(id(1))).rejects.toThrow();
  expect(access.isRevoked(id(1))).toBe(true);
  rmSync(`${file}.new`, { recursive: true });
  expect(await access.revoke(id(1))).toBe(true);
  expect(JSON.parse(readFileSync(file, 'utf8')).revoked).toEqual([id(1)]);
});

it('a folder that cannot be synced stops the server: nobody knows what is on the disk', async () => {
  let failing = false;
  const fs = {
    ...nodeFileSystem,
    syncInBackground: async (fd: number) => {
      // The file itself is synced before; only the folder is no file.
      if (failing && !nodeFileSystem.status(fd).isFile()) throw systemError('EIO');
      await nodeFileSystem.syncInBackground(fd);
    },
  };
  const { access, failures } = await room(temporaryFolder(), { fs });
  failing = true;
  await expect(access.revoke(id(1))).rejects.toThrow('EIO');
  expect(failures).toHaveLength(1);
});

it('nothing is synced on the turn of the event loop', async () => {
  let counting = false;
  let onTurn = 0;
  const fs = {
    ...nodeFileSystem,
    sync: (fd: number) => {
      if (counting) onTurn++;
      nodeFileSystem.sync(fd);
    },
  };
  const { access, directory, log } = await room(temporaryFolder(), { fs });
  counting = true;
  await access.revoke(id(1));
  await access.changePassword(undefined);
  await directory.keptFile('kept', () => Buffer.from('x')).save();
  await log.close();
  await directory.deleteRoom('lobby');
  expect(onTurn).toBe(0);
});

it('a room is not closed before what was changed is written, and then takes no more', async () => {
  const { access, log, file } = await room();
  const revoking = access.revoke(id(1));
  await log.close();
  expect(JSON.parse(readFileSync(file, 'utf8')).revoked).toEqual([id(1)]);
  expect(await revoking).toBe(true);
  await expect(access.revoke(id(2))).rejects.toThrow('is closed');
});

it('a deletion takes nothing away from another that has begun', async () => {
  let first: Promise<void> | undefined;
  const fs = {
    ...nodeFileSystem,
    renameInBackground: async (from: string, to: string) => {
      if (from.endsWith('second')) await first;
      await nodeFileSystem.renameInBackground(from, to);
    },
  };
  const { directory } = await opened(temporaryFolder(), { fs });
  for (const name of ['first', 'second']) await (await directory.create(name, { created: 5 }, nobody)).close();
  first = directory.deleteRoom('first');
  await Promise.all([first, directory.deleteRoom('second')]);
  expect(directory.has('first') || directory.has('second')).toBe(false);
});
