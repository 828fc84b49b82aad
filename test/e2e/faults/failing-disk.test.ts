// A disk that is full, and one that fails: the real command on both.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { COMMAND, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'roomchat-disk-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A file system of 512 KiB, or undefined where none may be mounted. */
function smallDisk(): string | undefined {
  const path = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=700', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', path]));
  return path;
}

function say(url: string, ...words: string[]) {
  return execa(process.execPath, [COMMAND, 'say', 'lobby', '--server', url, ...words], { reject: false });
}

test('a full disk refuses messages to their authors, and the room goes on once there is space', async ({ skip }) => {
  const disk = smallDisk();
  if (disk === undefined) return skip('cannot mount a tmpfs here');
  const server = await startServer({ data: join(disk, 'data'), args: ['--min-free', '0'] });
  onTestFinished(async () => void (await server.stop()));
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(200_000));
  const { client: other } = await WireClient.join(server, 'lobby', { nick: 'other' });
  const { client: author } = await WireClient.join(server, 'lobby', { nick: 'author' });
  // The first message makes the log's mark durable, which its receipt waits for.
  const receipts = ['first'];
  await author.say('first');
  for (let isFull = false; !isFull; ) {
    author.send({ type: 'say', text: `${receipts.length} ${'x'.repeat(8_000)}`, ref: 'r' });
    // A batch is appended at the end of its turn: the second answer comes after that.
    await author.fence();
    await author.fence();
    isFull = author.of('error').length > 0;
    if (!isFull) receipts.push(author.of('message').at(-1)?.text ?? '');
  }
  expect(author.of('error')[0]).toMatchObject({ code: 'not_saved', ref: 'r' });
  const refused = await say(server.url, 'x'.repeat(8_000));
  expect(refused.exitCode).toBe(5);
  expect(refused.stderr).toContain('could not save');
  expect(readFileSync(join(disk, 'data/rooms/lobby/log.ndjson')).at(-1)).toBe('\n'.charCodeAt(0));
  await server.printed(/not saved/);

  rmSync(join(disk, 'ballast'));
  expect((await say(server.url, 'room again')).exitCode).toBe(0);
  await other.said('room again');
  const texts = [...receipts, 'room again'];
  expect(other.of('message').map(({ text }) => text)).toEqual(texts);
  const { client: late } = await WireClient.join(server, 'lobby');
  expect(late.of('message').map(({ text }) => text)).toEqual(texts);
});

test.each(['interval', 'always'])(
  '%s: after a failed sync nobody gets a receipt, and the server ends',
  async (sync) => {
    const folder = temporaryFolder();
    const failing = join(folder, 'failing');
    process.env.FAIL_SYNC_FROM = failing;
    onTestFinished(() => {
      delete process.env.FAIL_SYNC_FROM;
    });
    const server = await startServer({
      data: join(folder, 'data'),
      args: ['--sync', sync],
      command: [process.execPath, '--import', resolve('test/support/fail-sync.js'), COMMAND, 'serve'],
    });
    const { client } = await WireClient.join(server, 'lobby');
    await client.say('kept');
    writeFileSync(failing, '');
    const told = client.of('message').length;
    client.send({ type: 'say', text: 'doomed' });
    // It ends by itself.
    await client.closed;
    const exitCode = await server.stop('SIGTERM');
    expect(exitCode).toBe(1);
    expect(server.output()).toContain('could not be synced');
    expect(readFileSync(failing, 'utf8')).toBe('failed\n');
    if (sync === 'always') expect(client.of('message')).toHaveLength(told);
  },
);

test('a full disk at the start, and one that is read-only, are said in a sentence', async ({ skip }) => {
  const disk = smallDisk();
  if (disk === undefined) return skip('cannot mount a tmpfs here');
  const serve = () =>
    execa(process.execPath, [COMMAND, 'serve', '--port', '0', '--data', join(disk, 'data')], { reject: false });
  try {
    for (let i = 0; ; i += 1) writeFileSync(join(disk, `ballast-${i}`), Buffer.alloc(4_096));
  } catch {
    // It is full.
  }
  const full = await serve();
  expect(full.exitCode).toBe(1);
  expect(full.stderr).toMatch(/^roomchat: There is no space left for the data directory .* --data\.$/);
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  const readOnly = await serve();
  expect(readOnly.exitCode).toBe(1);
  expect(readOnly.stderr).toMatch(/^roomchat: The data directory .* is on a read-only file system\. .* --data\.$/);
  expect(existsSync(join(disk, 'data', 'secret'))).toBe(false);
});
