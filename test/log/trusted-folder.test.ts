// A folder that others may change is refused, and the command that the refusal names mends it: it is run as it is printed.

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataDirectoryError, ForeignRoomError } from '../../src/log/index.ts';
import { isRoot, NOBODY } from '../support/other-user.ts';
import { nobody, opened, temporaryFolder } from './support.ts';

/** Opens it, and answers the sentence with which it is refused. */
async function refusal(path: string): Promise<string> {
  const error: unknown = await opened(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataDirectoryError);
  expect(error).toMatchObject({ code: 'unsafe_folder' });
  return error instanceof Error ? error.message : '';
}

/** Runs the command at the end of a refusal. */
function mend(sentence: string): void {
  const [command] = /\bch(?:mod|own) .*$/.exec(sentence) ?? [];
  execFileSync('sh', ['-c', command ?? 'exit 9']);
}

function folder(path: string, mode = 0o700): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  return path;
}

describe('a data directory that others may write to', () => {
  it.each(['777', '775', '757', '720', '1777'])('by its mode %s', async (mode) => {
    const path = folder(join(temporaryFolder(), 'data'), Number.parseInt(mode, 8));
    const sentence = await refusal(path);
    expect(sentence).toBe(`${path} can be changed by other users (mode ${mode}). To end that: chmod go-w ${path}`);
    mend(sentence);
    await opened(path);
  });

  it.each(['rooms', 'deleted', 'lock'])('by the folder %s in it', async (name) => {
    const path = temporaryFolder();
    folder(join(path, name), 0o722);
    const sentence = await refusal(path);
    expect(sentence).toContain(`${join(path, name)} can be changed`);
    mend(sentence);
    await opened(path);
  });

  it('is refused before anything in it is read or written', async () => {
    const path = folder(join(temporaryFolder(), 'data'), 0o777);
    // Each of them would be refused for its own sake, if it were looked at.
    writeFileSync(join(path, 'secret'), 'short', { mode: 0o666 });
    writeFileSync(join(path, 'lock'), 'not a lock');
    folder(join(path, 'deleted', 'room'));
    const before = readdirSync(path, { recursive: true });
    await refusal(path);
    expect(readdirSync(path, { recursive: true })).toEqual(before);
  });

  it.each(['with blank', "with 'quotes'", 'with $(false) and `false`', 'with "both" \\'])(
    'is named so that a shell takes it: %s',
    async (name) => {
      const path = folder(join(temporaryFolder(), name), 0o777);
      mend(await refusal(path));
      await opened(path);
    },
  );

  it('is looked at where a link leads, and stays where it led at the start', async () => {
    const parent = temporaryFolder();
    const [target, elsewhere] = [folder(join(parent, 'target'), 0o770), folder(join(parent, 'elsewhere'))];
    const link = join(parent, 'link');
    symlinkSync(target, link);
    expect(await refusal(link)).toContain(`chmod go-w ${target}`);
    chmodSync(target, 0o700);
    const { directory } = await opened(link);
    rmSync(link);
    symlinkSync(elsewhere, link);
    await directory.create('lobby', { created: 5 }, nobody);
    expect(readdirSync(join(target, 'rooms'))).toEqual(['lobby']);
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

describe('a folder above in which everybody may write', () => {
  it('is refused, unless it is sticky: the data directory could be replaced', async () => {
    const above = folder(join(temporaryFolder(), 'above'), 0o777);
    const path = folder(join(above, 'between', 'data'));
    const sentence = await refusal(path);
    expect(sentence).toContain(`${above} can be changed by every user (mode 777), so that they could replace ${path}`);
    chmodSync(above, 0o1777);
    await (await opened(path)).directory.close();
    chmodSync(above, 0o777);
    mend(sentence);
    await opened(path);
  });

  it("may be a group's", async () => {
    const above = folder(join(temporaryFolder(), 'above'), 0o775);
    await opened(join(above, 'data'));
  });
});

describe.runIf(isRoot())('what belongs to another user', () => {
  it.each(['.', 'rooms', 'deleted', 'lock', 'imports'])('is refused: %s', async (name) => {
    const path = temporaryFolder();
    const theirs = folder(join(path, name));
    chownSync(theirs, NOBODY.uid, NOBODY.gid);
    const sentence = await refusal(path);
    expect(sentence).toBe(
      `${theirs} belongs to user 65534, but this server runs as user 0. Run it as user 65534, or make this its own: chown -R 0 ${theirs}`,
    );
    mend(sentence);
    await opened(path);
  });
});

describe("a room's folder that others may change", () => {
  const inRoom = ['.', 'room.json', 'log.ndjson', 'open'];

  it.each(inRoom)('is not opened, while others are: %s', async (name) => {
    const path = temporaryFolder();
    const first = await opened(path);
    for (const room of ['lobby', 'other']) await first.directory.create(room, { created: 5 }, nobody);
    const looseFile = join(path, 'rooms', 'lobby', name);
    chmodSync(looseFile, 0o770);
    // A killed server's directory: the mark `open` stands.
    const copy = temporaryFolder();
    renameSync(join(path, 'rooms'), join(copy, 'rooms'));
    const { directory } = await opened(copy);
    const open = () => directory.open('lobby', nobody);
    await expect(open()).rejects.toThrow(ForeignRoomError);
    await expect(open()).rejects.toThrow(`chmod go-w ${join(copy, 'rooms', 'lobby', name)}`);
    await directory.open('other', nobody);
    chmodSync(join(copy, 'rooms', 'lobby', name), 0o700);
    await open();
  });

  it('is not taken for a new room', async () => {
    const path = temporaryFolder();
    const { directory } = await opened(path);
    folder(join(path, 'rooms', 'lobby'), 0o777);
    await expect(directory.create('lobby', { created: 5 }, nobody)).rejects.toThrow(/chmod go-w/);
    expect(readdirSync(join(path, 'rooms', 'lobby'))).toEqual([]);
  });
});
