// What the server is not to fill: the real command with its flags, on a small disk where one may be mounted.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const MIB = 1024 * 1024;

/** A file system of 64 MiB, or undefined where none may be mounted. */
function smallDisk(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'roomchat-disk-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=700', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', path]));
  return path;
}

function say(server: ServerProcess, room: string, ...args: string[]) {
  return execa(process.execPath, [COMMAND, 'say', room, '--server', server.url, ...args], { reject: false });
}

function metrics(server: ServerProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${server.url}/metrics`, { agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
}

test.each([
  ['--min-free 8M', ['--min-free', '8M'], 8 * MIB],
  ['5 % of it, by default', [], (64 * MIB) / 20],
])('what is left free of a disk: %s', async (_, args, floor) => {
  const disk = smallDisk();
  if (disk === undefined) {
    console.warn('skipped: a tmpfs cannot be mounted here, so no disk can run short');
    return;
  }
  const server = await startServer({ data: join(disk, 'data'), args });
  onTestFinished(async () => void (await server.stop()));
  const { client } = await WireClient.join(server, 'lobby');
  await client.say('there is room');
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(64 * MIB - floor + 64 * 1024));
  await server.printed(/warning: less than .* of the disk is free \(--min-free\): messages are refused/);
  const refused = await say(server, 'lobby', 'no room');
  expect(refused.exitCode).toBe(5);
  expect(refused.stderr).toContain("The server's disk is nearly full");
  expect((await say(server, 'new-room', '--timeout', '1', 'no room')).exitCode).toBe(3);
  expect(await metrics(server)).toContain('roomchat_not_saved_total{reason="free_space"} 1\n');
  rmSync(join(disk, 'ballast'));
  await server.printed(/of the disk is free again/);
  expect((await say(server, 'lobby', 'room again')).exitCode).toBe(0);
  expect(server.output().match(/less than/g)).toHaveLength(1);
  await client.said('room again');
});

test('a room and all rooms together are as large as they may be', async () => {
  const server = await startServer({ args: ['--max-room-size', '4K', '--max-data', '6.5k'] });
  onTestFinished(async () => void (await server.stop()));
  const text = 'x'.repeat(3_000);
  expect((await say(server, 'one', text)).exitCode).toBe(0);
  const roomFull = await say(server, 'one', text);
  expect(roomFull.exitCode).toBe(5);
  expect(roomFull.stderr).toContain('This room is full, it holds at most 4 KiB');
  expect((await say(server, 'two', text)).exitCode).toBe(0);
  const serverFull = await say(server, 'two', 'x'.repeat(500));
  expect(serverFull.exitCode).toBe(5);
  expect(serverFull.stderr).toContain('This server is full');
  const found = await metrics(server);
  expect(found).toContain('roomchat_not_saved_total{reason="room_size"} 1\n');
  expect(found).toContain('roomchat_not_saved_total{reason="data_size"} 1\n');
  expect(found).toContain('roomchat_stored_rooms 2\n');
  expect(Number(/^roomchat_log_bytes (\d+)$/m.exec(found)?.[1])).toBeGreaterThan(6_000);
  expect(Number(/^roomchat_free_bytes (\d+)$/m.exec(found)?.[1])).toBeGreaterThan(0);
});

test.each([
  ['--max-room-size', '12Q'],
  ['--max-data', '-1'],
  ['--max-hourly', 'much'],
  ['--min-free', '5%'],
  ['--max-stored-rooms', '0'],
])('%s %s is wrong usage', async (flag, value) => {
  const { exitCode, stderr } = await execa(process.execPath, [COMMAND, 'serve', '--port', '0', `${flag}=${value}`], {
    reject: false,
  });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(flag);
  expect(stderr).toContain(flag === '--max-stored-rooms' ? 'a whole number' : 'as in 500M or 2G');
});
