import { chmodSync, chownSync, fstatSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type FileSystem, nodeFileSystem } from '../../src/log/index.ts';
import { pathOf } from './failing-file-system.ts';
import { nobody, opened, temporaryFolder } from './support.ts';

const FILES = ['secret', 'admin.token'] as const;

it('makes the secret and the token once', async () => {
  const path = temporaryFolder();
  const first = await opened(path);
  const { secret, adminToken } = first.directory;
  expect(secret).toHaveLength(32);
  expect(adminToken).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(readFileSync(join(path, 'admin.token'), 'utf8')).toBe(`${adminToken}\n`);
  await first.directory.close();
  const second = await opened(path);
  expect(second.directory.secret.equals(secret)).toBe(true);
  expect(second.directory.adminToken).toBe(adminToken);
  const other = await opened(temporaryFolder());
  expect(other.directory.adminToken).not.toBe(adminToken);
});

// Redis CVE-2023-45145: a file that could be opened by others before its mode was set.
it('lets nobody else read a file at any moment, whatever the umask', async () => {
  const umask = process.umask(0);
  onTestFinished(() => void process.umask(umask));
  const path = join(temporaryFolder(), 'data');
  const modes = new Map<string, Set<number>>();
  const note = (fd: number) => {
    const file = pathOf(fd);
    const seen = modes.get(file) ?? new Set();
    modes.set(file, seen.add(fstatSync(fd).mode & 0o777));
  };
  const fs: FileSystem = {
    ...nodeFileSystem,
    open: (file, flags, mode) => {
      const fd = nodeFileSystem.open(file, flags, mode);
      if (!fstatSync(fd).isDirectory()) note(fd);
      return fd;
    },
    write: (fd, bytes, offset, length) => {
      note(fd);
      return nodeFileSystem.write(fd, bytes, offset, length);
    },
  };
  const { directory } = await opened(path, { fs });
  await directory.create('lobby', { created: 5 }, nobody);
  expect(modes.size).toBeGreaterThanOrEqual(5);
  for (const [file, seen] of modes) expect([...seen], file).toEqual([0o600]);
  for (const folder of ['.', 'rooms', 'rooms/lobby']) expect(lstatSync(join(path, folder)).mode & 0o777).toBe(0o700);
});

it.each([0o077, 0o277, 0o777])('can use what it has made under the umask %o', async (mask) => {
  const path = join(temporaryFolder(), 'data');
  const umask = process.umask(mask);
  onTestFinished(() => void process.umask(umask));
  const { directory } = await opened(path);
  await directory.create('lobby', { created: 5 }, nobody);
  for (const folder of ['.', 'rooms', 'rooms/lobby']) expect(lstatSync(join(path, folder)).mode & 0o777).toBe(0o700);
  for (const file of FILES) expect(lstatSync(join(path, file)).mode & 0o777).toBe(0o600);
});

it.each(FILES)('refuses a %s that others can read, and says what mends it', async (file) => {
  const path = temporaryFolder();
  await (await opened(path)).directory.close();
  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    chmodSync(join(path, file), mode);
    await expect(opened(path)).rejects.toMatchObject({
      code: 'unsafe_file',
      message: expect.stringContaining('chmod 600'),
    });
  }
  chmodSync(join(path, file), 0o600);
  await opened(path);
});

it.each(FILES)('refuses a symbolic link planted as %s, and writes nothing where it leads', async (file) => {
  const path = temporaryFolder();
  const target = join(temporaryFolder(), 'target');
  symlinkSync(target, join(path, file));
  await expect(opened(path)).rejects.toMatchObject({ code: 'unsafe_file' });
  writeFileSync(target, 'x'.repeat(32), { mode: 0o600 });
  await expect(opened(path)).rejects.toMatchObject({ code: 'unsafe_file' });
  expect(readFileSync(target, 'utf8')).toBe('x'.repeat(32));
});

it('is not misled by a link planted under the name that a file has while it is written', async () => {
  const path = temporaryFolder();
  const target = join(temporaryFolder(), 'target');
  writeFileSync(target, 'untouched');
  for (const file of FILES) symlinkSync(target, join(path, `${file}.new`));
  await opened(path);
  expect(readFileSync(target, 'utf8')).toBe('untouched');
  for (const file of FILES) expect(lstatSync(join(path, file)).isFile()).toBe(true);
});

it.each([
  ['secret', 'too short'],
  ['admin.token', 'short'],
  ['admin.token', 'spaces are no part of a token that can be sent'],
])('refuses a %s that is not one: %s', async (file, content) => {
  const path = temporaryFolder();
  writeFileSync(join(path, file), content, { mode: 0o600 });
  await expect(opened(path)).rejects.toMatchObject({ code: 'unsafe_file' });
});

it.runIf(process.getuid?.() === 0)('refuses a secret that belongs to another user', async () => {
  const path = temporaryFolder();
  await (await opened(path)).directory.close();
  chownSync(join(path, 'secret'), 12_345, 12_345);
  await expect(opened(path)).rejects.toThrow('another user');
});
