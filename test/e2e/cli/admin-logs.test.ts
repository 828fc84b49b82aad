// The real command on logs as a whole: a damaged room is exported, repaired and served again; an export is a room again.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { summedRoom, variedLines } from '../../log/summed-room.ts';
import { ControlClient } from '../../support/control-client.ts';
import { eventually } from '../../support/eventually.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'roomchat-logs-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function serving(data: string): Promise<ServerProcess> {
  const server = await startServer({ data });
  onTestFinished(async () => void (await server.stop()));
  return server;
}

/** A server with a room of a long log, in which a letter has become another. */
async function damagedRoom() {
  const data = temporaryFolder();
  const room = await summedRoom(data, variedLines(2_000, 11));
  const wrong = Buffer.from(room.content);
  const at = wrong.indexOf('yyyy', wrong.length / 2);
  wrong[at] = 0x7a;
  writeFileSync(room.log, wrong);
  return { data, room, at, server: await serving(data) };
}

const LINES = 2_000;

function admin(server: ServerProcess, ...args: string[]) {
  const all = [COMMAND, 'admin', ...args, '--server', server.url];
  return execa(process.execPath, all, { env: server.env, reject: false, stripFinalNewline: false });
}

test('a damaged room is exported as far as it is whole, repaired, and served again to those who come back', async () => {
  const { room, server } = await damagedRoom();
  const whole = room.content.toString();
  const joiner = await WireClient.open(server, 'lobby');
  joiner.send({ type: 'join' });
  expect((await joiner.closed).code).toBe(4500);
  await server.printed(/lobby: the log is damaged between bytes \d+ and \d+; .*admin repair/);

  const exported = await admin(server, 'export', 'lobby');
  expect(exported.exitCode).not.toBe(0);
  expect(exported.stderr).toMatch(/^roomchat: The log of room "lobby" is damaged between bytes \d+ and \d+\..* repair/);
  const rescued = exported.stdout.split('\n').slice(0, -1);
  expect(rescued.length).toBeLessThan(LINES);
  expect(rescued.length).toBeGreaterThan(LINES - 100);
  for (const line of rescued) expect(whole).toContain(`${line}\n`);

  const shown = await admin(server, 'repair', 'lobby');
  expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Add --yes to do it.') });
  expect(readFileSync(room.log).equals(room.content)).toBe(false);
  const plan = JSON.parse((await admin(server, 'repair', 'lobby', '--json')).stdout);
  expect(plan).toMatchObject({ count: 1, lines: rescued.length, missing: LINES - rescued.length });

  const done = await admin(server, 'repair', 'lobby', '--yes');
  expect(done).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${plan.missing} are lost`) });
  await server.printed(/lobby: the log was repaired/);
  const [kept] = readdirSync(join(room.log, '..')).filter((name) => name.startsWith('damaged.'));
  expect(readFileSync(join(room.log, '..', kept ?? '')).length).toBe(plan.bytes);

  const { client } = await WireClient.join(server, 'lobby');
  const [notice] = client.of('notice').filter(({ text }) => text.includes('missing here'));
  expect(notice?.text).toMatch(new RegExp(`^${plan.missing} messages are missing here`));
  expect(
    client.raw.filter((line) => line.includes('"type":"message"') || line.includes('"type":"notice"')).length,
  ).toBe(rescued.length + 1);
  await client.say('goes on');
  expect(await admin(server, 'verify', 'lobby')).toMatchObject({ exitCode: 0 });
  expect((await admin(server, 'repair', 'lobby')).stdout).toContain('Nothing is wrong');
});

test('who is in a room that is repaired comes back to it by itself, as the same client', async () => {
  const { server } = await damagedRoom();
  // At the end, where nothing is wrong, members live on.
  const { client, welcome } = await WireClient.join(server, 'lobby', { last: 0 });
  const said = await client.say('before');
  await admin(server, 'repair', 'lobby', '--yes');
  expect(await client.closed).toMatchObject({ code: 1012 });
  const resume = { id: welcome.id, key: welcome.key, attempt: 1 };
  const { id, epoch } = welcome;
  const again = await WireClient.join(server, 'lobby', { since: said.seq, sinceAt: said.at, epoch, resume });
  expect(again.welcome.id).toBe(id);
  expect(again.client.of('error')).toEqual([]);
  expect((await again.client.say('after')).seq).toBe(said.seq + 1);
});

test('verify of all goes on past what cannot be read, and says what is wrong with it', async () => {
  const { data, server } = await damagedRoom();
  for (const name of ['another', 'third']) await (await WireClient.join(server, name)).client.say('hi');
  const foreign = join(data, 'rooms', 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'room.json'), '{"format":99}\n');
  // A folder where the log should be: it can be opened, and not be read.
  const odd = join(data, 'rooms', 'odd');
  mkdirSync(join(odd, 'log.ndjson'), { recursive: true });
  writeFileSync(
    join(odd, 'room.json'),
    readFileSync(join(data, 'rooms', 'lobby', 'room.json'), 'utf8').replace('lobby', 'odd'),
  );
  const verified = await admin(server, 'verify', '--json');
  expect(verified.exitCode).toBe(1);
  const rooms = verified.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const wrong = Object.fromEntries(rooms.map(({ name, problems }) => [name, problems.length]));
  expect(wrong).toEqual({ lobby: 1, another: 0, third: 0, [foreign]: 1, [odd]: 1 });
  expect(rooms.find(({ name }) => name === foreign).problems[0].reason).toContain('not a room of this version');
});

test('an export becomes a room again, byte for byte, and open only where that is said', async () => {
  const data = temporaryFolder();
  const room = await summedRoom(data, variedLines(3_000, 12));
  const server = await serving(data);
  const { stdout } = await admin(server, 'export', 'lobby');
  expect(stdout).toBe(room.content.toString());
  const file = join(temporaryFolder(), 'lobby.ndjson');
  writeFileSync(file, stdout);

  const asked = await admin(server, 'import', 'copy', file);
  expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--open') });
  const password = join(temporaryFolder(), 'password');
  writeFileSync(password, 'secret\n');
  const made = await admin(server, 'import', 'copy', file, '--password-file', password);
  expect(made).toMatchObject({ exitCode: 0, stdout: 'Made copy of 3000 lines, with a password.\n' });
  expect(readFileSync(join(data, 'rooms', 'copy', 'log.ndjson')).equals(room.content)).toBe(true);
  const stranger = await WireClient.open(server, 'copy');
  stranger.send({ type: 'join' });
  expect((await stranger.closed).code).toBe(4401);
  const { client, welcome } = await WireClient.join(server, 'copy', { password: 'secret', last: 3 });
  expect(client.of('message').length + client.of('notice').length).toBe(3);
  expect((await client.say('goes on')).seq).toBe(3_001);
  // Whoever was in the old room is told that this is another one.
  const old = await WireClient.join(server, 'lobby', { last: 0 });
  expect(welcome.epoch).not.toBe(old.welcome.epoch);
  const resume = { id: old.welcome.id, key: old.welcome.key, attempt: 1 };
  const moved = await WireClient.join(server, 'copy', {
    since: 3_000,
    epoch: old.welcome.epoch,
    resume,
    password: 'secret',
  });
  expect(moved.client.of('error')).toMatchObject([{ code: 'epoch_changed' }]);

  const again = await admin(server, 'import', 'copy', file, '--open');
  expect(again).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('already exists') });
  const piped = execa(process.execPath, [COMMAND, 'admin', 'import', 'open', '--open', '--server', server.url], {
    env: server.env,
    input: stdout,
  });
  expect((await piped).stdout).toBe('Made open of 3000 lines.');
  await WireClient.join(server, 'open', { last: 1 });
  expect(await admin(server, 'verify')).toMatchObject({ exitCode: 0 });
});

test.each([
  ['a line that is none', (lines: string[]) => lines.with(700, 'garbage'), /Line 701 is not one of a log: .*JSON/],
  [
    'a number that does not rise',
    (lines: string[]) => lines.with(700, lines[600] ?? ''),
    /Line 701 has the number 601/,
  ],
  ['a line that is too long', (lines: string[]) => lines.with(700, 'x'.repeat(100_000)), /Line 701 is longer/],
  [
    'a command',
    (lines: string[]) => lines.with(700, '{"type":"delete","ref":9,"room":"lobby"}'),
    /Line 701 is not one/,
  ],
])('nothing comes of an import with %s', async (_what, spoil, message) => {
  const data = temporaryFolder();
  const server = await serving(data);
  await WireClient.join(server, 'lobby');
  const lines = spoil(variedLines(2_000, 13).map((line) => line.trimEnd()));
  const file = join(temporaryFolder(), 'bad.ndjson');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const failed = await admin(server, 'import', 'copy', file, '--open');
  expect(failed.exitCode).not.toBe(0);
  expect(failed.stderr).toMatch(message);
  expect(failed.stderr).toContain('Nothing was created.');
  expect(readdirSync(join(data, 'rooms'))).toEqual(['lobby']);
  // Where the command itself finds the fault it is gone before the server has cleared away.
  await eventually('nothing is left', 10_000, async () => readdirSync(join(data, 'imports')).length === 0);
});

test('nothing comes of an import whose admin leaves, nor of one in which the server is killed', async () => {
  const data = temporaryFolder();
  let server = await startServer({ data });
  const lines = variedLines(1_000, 14);
  const begin = async () => {
    const control = await ControlClient.open(server, await server.adminToken());
    expect((await control.ask({ type: 'import', room: 'copy', open: true })).end.type).toBe('done');
    for (const line of lines) control.sendRaw(line);
    return control;
  };
  const left = await begin();
  left.close();
  await left.closed;
  const other = await begin();
  expect((await other.ask({ type: 'imported' })).end).toMatchObject({ type: 'done', lines: 1_000, seq: 1_000 });
  await WireClient.join(server, 'copy', { last: 1 });
  await server.stop();
  rmSync(join(data, 'rooms', 'copy'), { recursive: true });
  server = await startServer({ data });
  const killed = await begin();
  await server.stop('SIGKILL');
  await killed.closed;
  expect(readdirSync(join(data, 'imports'))).toHaveLength(1);
  server = await startServer({ data });
  onTestFinished(async () => void (await server.stop()));
  expect(readdirSync(join(data, 'rooms'))).toEqual([]);
  const again = await begin();
  expect((await again.ask({ type: 'imported' })).end.type).toBe('done');
});
