import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import {
  type DataDirectory,
  ephemeralDataDirectory,
  ForeignRoomError,
  nodeFileSystem,
  type RoomInfo,
} from '../../src/log/index.ts';
import { systemError } from './failing-file-system.ts';
import { appendLines, keepLines, nobody, opened, readAll, temporaryFolder } from './support.ts';

const PASSWORD = { algorithm: 'scrypt', N: 32_768, r: 8, p: 3, salt: 'c2FsdA', hash: 'aGFzaA' } as const;

async function rooms(directory: DataDirectory): Promise<RoomInfo[]> {
  const found: RoomInfo[] = [];
  for await (const room of directory.roomNames()) found.push(room);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

it('keeps what a room was made with', async () => {
  const path = temporaryFolder();
  const first = await opened(path);
  expect(first.directory.has('lobby')).toBe(false);
  await expect(first.directory.open('lobby', nobody)).rejects.toThrow('There is no room');
  const { meta } = await first.directory.create('lobby', { created: 7, password: PASSWORD }, nobody);
  expect(meta).toMatchObject({ format: 1, name: 'lobby', created: 7, password: PASSWORD });
  expect(Buffer.from(meta.epoch, 'base64url')).toHaveLength(16);
  expect(first.directory.has('lobby')).toBe(true);
  await expect(first.directory.create('lobby', { created: 8 }, nobody)).rejects.toThrow('is already open');
  await first.directory.close();
  const second = await opened(path);
  await expect(second.directory.create('lobby', { created: 8 }, nobody)).rejects.toThrow('already exists');
  expect((await second.directory.open('lobby', nobody)).meta).toEqual(meta);
  expect((await second.directory.create('open', { created: 8 }, nobody)).meta).not.toHaveProperty('password');
});

it('tells of every room, open or not, and says what is no room', async () => {
  const path = temporaryFolder();
  const { directory, events } = await opened(path);
  const still = await directory.create('still open', { created: 5 }, nobody);
  await keepLines(still, 2);
  const closed = await directory.create('Closed', { created: 5, password: PASSWORD }, nobody);
  const lines = appendLines(closed, 3).join('');
  await closed.close();
  await (await directory.create('empty', { created: 5 }, nobody)).close();
  const bad = await directory.create('bad', { created: 5 }, nobody);
  appendLines(bad, 1);
  await bad.close();
  writeFileSync(join(path, 'rooms', 'bad', 'log.ndjson'), 'not a line\n');
  mkdirSync(join(path, 'rooms', 'foreign'));
  writeFileSync(join(path, 'rooms', 'foreign', 'room.json'), '{"format":2}');
  mkdirSync(join(path, 'rooms', 'unfinished'));

  expect(await rooms(directory)).toEqual([
    { name: 'Closed', bytes: lines.length, lastSeq: 3, protected: true, damaged: false },
    { name: 'bad', bytes: 0, lastSeq: 0, protected: false, damaged: true },
    { name: 'empty', bytes: 0, lastSeq: 0, protected: false, damaged: false },
    { name: 'still open', bytes: still.durableEnd, lastSeq: 2, protected: false, damaged: false },
  ]);
  expect(events).toMatchObject([{ kind: 'not-a-room', folder: join(path, 'rooms', 'foreign') }]);
});

it('gives names that attack a folder of their own, and opens nothing outside', async () => {
  const path = join(temporaryFolder(), 'data');
  const paths: string[] = [];
  const fs: typeof nodeFileSystem = {
    ...nodeFileSystem,
    open: (file, flags, mode) => {
      paths.push(file);
      return nodeFileSystem.open(file, flags, mode);
    },
  };
  const { directory } = await opened(path, { fs });
  paths.length = 0;
  const names = [
    '../x',
    'a/b',
    'a\\b',
    'a\0b',
    '.',
    '..',
    '%2e%2e',
    'CON',
    'aux.txt',
    'x.',
    'Room',
    'room',
    'é',
    'e\u0301',
  ];
  for (const name of [...names, 'n'.repeat(256)]) {
    const log = await directory.create(name, { created: 5 }, nobody);
    appendLines(log, 1);
    await log.close();
    expect((await directory.open(name, nobody)).meta.name).toBe(name);
  }
  expect(readdirSync(join(path, 'rooms'))).toHaveLength(names.length + 1);
  for (const file of paths) expect(relative(path, file)).not.toMatch(/^\.\./);
  expect(readdirSync(dirname(path))).toEqual(['data']);
});

it.each([
  ['of another version', '{"format":2,"name":"lobby","epoch":"e","created":5}'],
  ['that is not ours', 'hello'],
  ['of another room', '{"format":1,"name":"Lobby","epoch":"e","created":5}'],
  ['with no name that can be', '{"format":1,"name":"\\ud800","epoch":"e","created":5}'],
  ['whose password cannot be read', '{"format":1,"name":"lobby","epoch":"e","created":5,"password":"secret"}'],
  [
    'whose password is of another kind',
    '{"format":1,"name":"lobby","epoch":"e","created":5,"password":{"algorithm":"x"}}',
  ],
])('leaves alone a room %s', async (_what, content) => {
  const path = temporaryFolder();
  const folder = join(path, 'rooms', 'lobby');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'room.json'), content);
  writeFileSync(join(folder, 'log.ndjson'), 'theirs');
  const { directory } = await opened(path);
  await expect(directory.open('lobby', nobody)).rejects.toThrow(ForeignRoomError);
  await expect(directory.create('lobby', { created: 5 }, nobody)).rejects.toThrow('already exists');
  expect(readFileSync(join(folder, 'log.ndjson'), 'utf8')).toBe('theirs');
});

it('never makes an open room of a log that has lost its room.json', async () => {
  const path = temporaryFolder();
  const { directory } = await opened(path);
  const log = await directory.create('lobby', { created: 5, password: PASSWORD }, nobody);
  appendLines(log, 1);
  await log.close();
  rmSync(join(path, 'rooms', 'lobby', 'room.json'));
  expect(directory.has('lobby')).toBe(false);
  await expect(directory.create('lobby', { created: 5 }, nobody)).rejects.toThrow(ForeignRoomError);
});

it('finishes a room that a server had begun to make when it was killed', async () => {
  const path = temporaryFolder();
  const { directory } = await opened(path);
  mkdirSync(join(path, 'rooms', 'early'));
  writeFileSync(join(path, 'rooms', 'early', 'room.json.new'), '{"form');
  appendLines(await directory.create('early', { created: 5 }, nobody), 1);
  const late = await directory.create('late', { created: 5, password: PASSWORD }, nobody);
  await late.close();
  rmSync(join(path, 'rooms', 'late', 'log.ndjson'));
  const log = await directory.open('late', nobody);
  expect(log.meta).toEqual(late.meta);
  appendLines(log, 1);
});

it('deletes a room that is closed; made again it is another one', async () => {
  const path = temporaryFolder();
  const { directory } = await opened(path);
  const log = await directory.create('lobby', { created: 5 }, nobody);
  appendLines(log, 3);
  await expect(directory.deleteRoom('lobby')).rejects.toThrow('is open');
  const closed = log.close();
  await directory.deleteRoom('lobby');
  await closed;
  expect(directory.has('lobby')).toBe(false);
  expect(readdirSync(join(path, 'rooms'))).toEqual([]);
  expect(readdirSync(join(path, 'deleted'))).toEqual([]);
  const again = await directory.create('lobby', { created: 5 }, nobody);
  expect(again.lastSeq).toBe(0);
  expect(again.meta.epoch).not.toBe(log.meta.epoch);
});

it('finishes a deletion that a crash had cut short', async () => {
  const path = temporaryFolder();
  mkdirSync(join(path, 'deleted', 'some room'), { recursive: true });
  await opened(path);
  expect(existsSync(join(path, 'deleted'))).toBe(false);
});

it('says in a sentence why a path cannot be the data directory', async () => {
  const path = temporaryFolder();
  writeFileSync(join(path, 'file'), '');
  await expect(opened(join(path, 'file'))).rejects.toMatchObject({ code: 'not_a_directory' });
  await expect(opened(join(path, 'file', 'below'))).rejects.toMatchObject({ code: 'not_a_directory' });
  await expect(opened(join(path, 'x'.repeat(300)))).rejects.toMatchObject({ code: 'path_too_long' });
  for (const [code, expected] of [
    ['EACCES', 'not_writable'],
    ['EROFS', 'read_only'],
    ['EIO', 'failed'],
  ] as const) {
    const makeDirectory = () => {
      throw systemError(code);
    };
    const failed = opened(path, { fs: { ...nodeFileSystem, makeDirectory } });
    await expect(failed).rejects.toMatchObject({
      code: expected,
      message: expect.stringMatching(/^The data directory .*/),
    });
  }
});

it('goes away with the server when it is ephemeral', async () => {
  const directory = await ephemeralDataDirectory({ report: () => {}, fatal: () => {} });
  const log = await directory.create('lobby', { created: 5 }, nobody);
  const lines = appendLines(log, 3).join('');
  expect(await readAll(log)).toBe(lines);
  expect(existsSync(join(directory.path, 'rooms', 'lobby', 'log.ndjson'))).toBe(true);
  await directory.close();
  expect(existsSync(directory.path)).toBe(false);
});
