// Data directories that are held, foreign, torn or damaged: said on the console and to those who join, and left as found.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'roomchat-data-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Every file with its content and the time at which it was written. */
function snapshot(path: string): unknown[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const status = statSync(join(path, name));
      return [name, status.mtimeMs, status.isFile() ? readFileSync(join(path, name), 'hex') : ''];
    });
}

async function serving(data: string): Promise<ServerProcess> {
  const server = await startServer({ data });
  onTestFinished(async () => void (await server.stop()));
  return server;
}

/** A data directory whose lobby holds `count` lines. Answers the log's path. */
async function lobbyOf(data: string, count: number): Promise<string> {
  const server = await startServer({ data });
  const { client } = await WireClient.join(server, 'lobby');
  for (let i = 1; i <= count; i += 1) await client.say(`message ${i}`);
  await client.leave();
  await server.stop();
  return join(data, 'rooms', 'lobby', 'log.ndjson');
}

test('a second server on a data directory says so and writes nothing; a killed one is no obstacle', async () => {
  const data = temporaryFolder();
  for (let round = 0; round < 3; round += 1) {
    const first = await startServer({ data });
    const before = snapshot(data);
    const second = await execa(process.execPath, [COMMAND, 'serve', '--port', '0', '--data', data], { reject: false });
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/Another roomchat server .* --data, .* --ephemeral\./);
    expect(snapshot(data)).toEqual(before);
    await first.stop('SIGKILL');
  }
  await serving(data);
});

test('a torn tail is cut, kept aside and said; whoever joins gets every whole line', async () => {
  const data = temporaryFolder();
  const log = await lobbyOf(data, 3);
  const torn = '{"type":"message","seq":4,"at":17637';
  writeFileSync(log, torn, { flag: 'a' });
  const server = await serving(data);
  const { client } = await WireClient.join(server, 'lobby');
  expect(client.of('message').map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect((await client.say('goes on')).seq).toBe(4);
  await server.printed(/warning: lobby: the last 36 bytes of the log were not a whole line; they are kept in \S+/);
  const [, kept] = /kept in (\S+)/.exec(server.output()) ?? [];
  expect(readFileSync(kept ?? '', 'utf8')).toBe(torn);
});

test('damage in the middle closes its room to whoever reads that far, and no other', async () => {
  const data = temporaryFolder();
  const log = await lobbyOf(data, 9);
  const bytes = readFileSync(log);
  const middle = Math.floor(bytes.length / 2);
  bytes.fill(0, middle, middle + 20);
  writeFileSync(log, bytes);
  const server = await serving(data);
  const { client: other } = await WireClient.join(server, 'other');
  const joiner = await WireClient.open(server, 'lobby');
  joiner.send({ type: 'join' });
  expect(await joiner.closed).toEqual({ code: 4500, reason: 'damaged' });
  const command = [COMMAND, 'join', 'lobby', '--json', '--server', server.url];
  const refused = await execa(process.execPath, command, { reject: false });
  expect(refused.exitCode).toBe(5);
  expect(refused.stderr).toContain('damaged');
  await server.printed(/warning: lobby: the log is damaged at byte \d+/);
  await other.say('goes on');
  expect(readFileSync(log).equals(bytes)).toBe(true);
});

test.each([
  ['a room of another version', 'room.json', '{"format":99,"name":"lobby","epoch":"e","created":0}\n'],
  ['a room.json that is none', 'room.json', 'not JSON'],
  ['a log of somebody else', 'log.ndjson', 'their own file\nwith lines\n'],
])('%s is refused, said and not touched', async (_what, name, content) => {
  const data = temporaryFolder();
  const log = await lobbyOf(data, 2);
  const folder = join(log, '..');
  writeFileSync(join(folder, name), content);
  const before = snapshot(folder);
  const server = await serving(data);
  const joiner = await WireClient.open(server, 'lobby');
  joiner.send({ type: 'join' });
  expect((await joiner.closed).code).toBe(4500);
  expect(snapshot(folder)).toEqual(before);
  await server.printed(/warning: /);
  const { client: other } = await WireClient.join(server, 'other');
  await other.say('goes on');
});

test('a log without its room.json is not taken over by whoever joins first', async () => {
  const data = temporaryFolder();
  const folder = join(data, 'rooms', 'lobby');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'log.ndjson'), 'precious\n');
  const server = await serving(data);
  const joiner = await WireClient.open(server, 'lobby');
  joiner.send({ type: 'join', password: 'mine' });
  expect((await joiner.closed).code).toBe(4500);
  expect(readFileSync(join(folder, 'log.ndjson'), 'utf8')).toBe('precious\n');
});

test('a forged resume key, and one for another room, join as somebody new', async () => {
  const server = await serving(temporaryFolder());
  const { client: first, welcome } = await WireClient.join(server, 'lobby', { nick: 'first' });
  const { id, key } = welcome;
  const forged = { id, key: `${key.startsWith('A') ? 'B' : 'A'}${key.slice(1)}`, attempt: 1 };
  for (const [room, resume] of [
    ['lobby', forged],
    ['elsewhere', { id, key, attempt: 1 }],
  ] as const) {
    const { client, welcome: other } = await WireClient.join(server, room, { resume });
    expect(client.of('error').map(({ code }) => code)).toEqual(['resume_invalid']);
    expect(other.id).not.toBe(id);
    await client.leave();
  }
  await first.say('still here');
});
