// `roomchat admin` beside a running server: every subcommand, for people and for programs, and whose token goes where.

import { appendFile, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Command, type Ended, run } from '../../support/command.ts';
import { ok, refused } from '../../support/ended.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
let rooms = 0;
const running: Command[] = [];

beforeAll(async () => {
  server = await startServer();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((command) => command.stop()));
});
afterAll(() => server.stop());

const newRoom = () => `admin-${++rooms}`;
const admin = (...args: string[]) => run(['admin', ...args, '--server', server.url], { env: server.env });
const say = (room: string, input: string) => run(['say', room, '--server', server.url, '--nick', 'sayer'], { input });

async function member(room: string, nick: string): Promise<{ command: Command; id: string }> {
  const command = new Command(['join', room, '--server', server.url, '--nick', nick, '--json']);
  running.push(command);
  await command.printed('stdout', /"type":"live"/);
  return { command, id: JSON.parse(command.stdout.split('\n')[0] ?? '').id };
}

const parsed = ({ stdout }: Ended): unknown[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('broadcast', () => {
  it('tells a room as the server, and all rooms with *', async () => {
    const room = newRoom();
    const { command } = await member(room, 'ann');
    expect(await admin('broadcast', room, 'back', 'soon')).toEqual(ok(`Sent to ${room}.\n`));
    await command.printed('stdout', /"type":"notice".*"text":"back soon"/);
    expect(await admin('broadcast', '*', 'all')).toEqual(ok(/^Sent to \d+ rooms?\.\n$/));
    await command.printed('stdout', /"type":"notice".*"text":"all"/);
    expect(parsed(await admin('broadcast', room, 'x', '--json'))).toEqual([{ type: 'done', ref: 1, seq: 3 }]);
  });

  it('makes no room', async () => {
    expect(await admin('broadcast', 'nowhere', 'hi')).toEqual(
      refused(5, /^roomchat: The room nowhere does not exist\.\n$/),
    );
    expect((await admin('rooms')).stdout).not.toContain('nowhere');
  });

  it('refuses what is too long', async () => {
    const room = newRoom();
    await say(room, 'hi');
    expect(await admin('broadcast', room, 'x'.repeat(16_385))).toEqual(
      refused(5, /^roomchat: [^\n]*16[,. ]?384[^\n]*\n$/),
    );
  });
});

describe('dm and kick', () => {
  it('reach one client alone, by a beginning of its id', async () => {
    const room = newRoom();
    const [ann, bob] = [await member(room, 'ann'), await member(room, 'bob')];
    expect(await admin('dm', bob.id.slice(0, 20), 'psst')).toEqual(ok(`Sent to bob in ${room}.\n`));
    await bob.command.printed('stdout', /"type":"direct".*"text":"psst"/);
    expect(await admin('kick', bob.id, 'enough')).toEqual(ok(`Removed bob in ${room}.\n`));
    const ended = await bob.command.ended;
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toContain('enough');
    await ann.command.printed('stdout', /"type":"left".*"nick":"bob"/);
    expect(ann.command.stdout).not.toContain('psst');
    expect(await readFile(join(server.data, 'rooms', room, 'log.ndjson'), 'utf8').catch(() => '')).not.toContain(
      'psst',
    );
  });

  it('of nobody is 5', async () => {
    for (const args of [
      ['dm', 'zzzz', 'hi'],
      ['dm', '', 'hi'],
      ['kick', 'zzzz'],
    ]) {
      expect(await admin(...args)).toEqual(refused(5, /^roomchat: No client here has this id\.\n$/));
    }
  });

  it('by a beginning that several have names them', async () => {
    const room = newRoom();
    const ids = new Map<string, string>();
    // An id begins with one of 32 characters: with 33 clients two begin alike.
    let twice: string | undefined;
    while (twice === undefined) {
      const { id } = await member(room, `m${ids.size}`);
      if (ids.has(id.charAt(0))) twice = id;
      ids.set(id.charAt(0), id);
    }
    const ended = await admin('dm', twice.charAt(0), 'hi');
    expect(ended).toEqual(refused(5, /^roomchat: This prefix matches 2 clients: \w+ \(m\d+\), \w+ \(m\d+\)\.\n$/));
    expect(ended.stderr).toContain(twice);
  }, 60_000);
});

describe('lists', () => {
  it('of rooms and clients, as tables and as JSON', async () => {
    const room = newRoom();
    const ann = await member(room, 'ann');
    await say(room, 'hi\n');
    expect((await admin('rooms')).stdout).toMatch(
      new RegExp(`^room +present +seq +size +password\n(.*\n)*${room} +1 +1 +\\d+ bytes +no\n`),
    );
    expect(parsed(await admin('rooms', '--json'))).toContainEqual({
      name: room,
      present: 1,
      seq: 1,
      bytes: expect.any(Number),
      protected: false,
    });
    const table = await admin('clients', room);
    expect(table.stdout).toMatch(/^id +nick +room +address +since \(UTC\) +state +behind +waiting\n/);
    expect(table.stdout).toMatch(
      new RegExp(`\n${ann.id} +ann +${room} +127\\.0\\.0\\.1 +\\S+ \\S+ +live +0 bytes +0 bytes\n$`),
    );
    expect(parsed(await admin('clients', room, '--json'))).toEqual([
      expect.objectContaining({ id: ann.id, nick: 'ann', room, state: 'live', behind: 0, waiting: 0, speaker: false }),
    ]);
    expect(await admin('clients', 'nobody-here')).toEqual(ok('Nobody is here.\n'));
    expect(await admin('clients', 'nobody-here', '--json')).toEqual(ok(''));
  });
});

describe('watch', () => {
  it.each([
    ['text', [], (room: string) => new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${room}: <sayer> hi\n`, 'm')],
    ['JSON', ['--json'], (room: string) => new RegExp(`^{"event":"message".*"room":"${room}".*"text":"hi"`, 'm')],
  ] as const)('prints every event as %s, until Ctrl-C', async (_what, flags, line) => {
    const room = newRoom();
    const watch = new Command(['admin', 'watch', ...flags, '--server', server.url], { env: server.env });
    running.push(watch);
    // It watches once an event has come through; until then one is made again and again.
    const seen = watch.printed('stdout', line(room));
    const stop = new AbortController();
    void seen.then(() => stop.abort());
    while (!stop.signal.aborted) await say(room, 'hi\n');
    await seen;
    watch.kill('SIGINT');
    expect((await watch.ended).exitCode).toBe(130);
    expect(watch.stderr).toBe('');
  });

  it('ends with 3 where the server does', async () => {
    const other = await startServer();
    const watch = new Command(['admin', 'watch', '--json', '--server', other.url], { env: other.env });
    running.push(watch);
    const seen = watch.printed('stdout', /"message"/);
    const stop = new AbortController();
    void seen.then(() => stop.abort());
    while (!stop.signal.aborted) await run(['say', 'lobby', 'hi', '--server', other.url]);
    await other.stop();
    expect(await watch.ended).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/^roomchat: The server ended the connection\.\n$/),
    });
  });
});

describe('logs', () => {
  it('are exported byte for byte, from a room that is open and one that is not', async () => {
    const room = newRoom();
    await say(room, Array.from({ length: 3000 }, (_, index) => `${index} ${'é'.repeat(40)}`).join('\n'));
    const log = await readFile(join(server.data, 'rooms', room, 'log.ndjson'), 'utf8');
    const exported = await admin('export', room);
    expect(exported.stdout === log).toBe(true);
    expect(exported).toMatchObject({ exitCode: 0, stderr: '' });
    await member(room, 'ann');
    expect((await admin('export', room)).stdout === log).toBe(true);
    expect(await admin('export', 'nowhere')).toEqual(refused(5, /does not exist/));
  });

  it('are verified, and what is wrong is shown with its place', async () => {
    // Outlives the server that was killed.
    const data = join(server.data, '..', 'to-verify');
    const other = await startServer({ data });
    const verify = (...args: string[]) => run(['admin', 'verify', ...args, '--server', other.url], { env: other.env });
    await run(['say', 'whole', 'hi', '--server', other.url]);
    await run(['say', 'broken', 'hi', '--server', other.url]);
    expect(await verify()).toEqual(
      ok(/^room +lines +size +checked +problems\n(broken|whole) +1 +\d+ bytes +\d+ bytes +0\n/),
    );
    await other.stop('SIGKILL');
    const log = join(data, 'rooms', 'broken', 'log.ndjson');
    // No line of a server's, and a number that does not rise.
    await appendFile(log, `garbage\n${await readFile(log, 'utf8')}`);
    const again = await startServer({ data });
    const check = (...args: string[]) => run(['admin', 'verify', ...args, '--server', again.url], { env: again.env });
    const ended = await check();
    expect(ended).toMatchObject({ exitCode: 1, stderr: 'roomchat: 1 of 2 logs has problems.\n' });
    expect(ended.stdout).toMatch(/\nbroken +\d+ +\d+ bytes +\d+ bytes +[12]\n/);
    expect(ended.stdout).toMatch(/\nroom +at byte +problem\nbroken +\d+ +\S/);
    expect(await check('whole')).toMatchObject({ exitCode: 0 });
    expect(parsed(await check('broken', '--json'))).toEqual([
      expect.objectContaining({ name: 'broken', problems: [expect.anything(), expect.anything()] }),
    ]);
    expect((await check('nowhere')).exitCode).toBe(5);
    await again.stop();
  });

  it('are deleted with --yes alone', async () => {
    const room = newRoom();
    await say(room, 'hi\n');
    expect(await admin('delete', room)).toEqual(
      refused(2, /^roomchat: This deletes the room .* Add --yes to do it\.\n$/),
    );
    expect((await admin('rooms')).stdout).toContain(`${room} `);
    expect(await admin('delete', room, '--yes')).toEqual(ok(`Deleted ${room}.\n`));
    expect((await admin('rooms')).stdout).not.toContain(`${room} `);
    expect(await admin('delete', room, '--yes')).toEqual(refused(5, /does not exist/));
  });
});

describe('the token', () => {
  const elsewhere = { XDG_STATE_HOME: '/nonexistent' };
  const listRooms = (env: Record<string, string>, ...args: string[]) =>
    run(['admin', 'rooms', '--server', server.url, ...args], { env });

  it('is found beside the server, given by flag, file or environment, and flags win', async () => {
    const token = await server.adminToken();
    const file = join(server.data, 'admin.token');
    for (const [env, ...args] of [
      [server.env],
      [elsewhere, '--token', token],
      [elsewhere, '--token-file', file],
      [{ ...elsewhere, ROOMCHAT_TOKEN: token }],
      [{ ...elsewhere, ROOMCHAT_TOKEN: 'wrong' }, '--token', token],
    ] as const) {
      expect(await listRooms(env, ...args)).toMatchObject({ exitCode: 0, stderr: '' });
    }
  });

  it('that is missing or wrong is 4', async () => {
    expect(await listRooms(elsewhere)).toEqual(
      refused(4, /^roomchat: No token for 127\.0\.0\.1:\d+ was found on this machine\. Give --token[^\n]*\n$/),
    );
    expect(await listRooms(server.env, '--token', 'wrong')).toEqual(
      refused(4, /^roomchat: The server refused the token\.\n$/),
    );
  });

  it('that cannot be one is 2', async () => {
    expect(await listRooms(elsewhere, '--token', 'a b')).toEqual(refused(2, /A token has no blanks/));
    expect(await listRooms(elsewhere, '--token-file', '/dev/null')).toEqual(
      refused(2, /The token file \/dev\/null is empty\./),
    );
    expect(await listRooms(elsewhere, '--token-file', '/nonexistent')).toEqual(
      refused(2, /cannot be read: no such file/),
    );
  });

  it('found here is sent nowhere else: neither to another port nor to another name', async () => {
    const heard: IncomingMessage[] = [];
    const stranger = createServer().listen(0, '127.0.0.1');
    stranger.on('upgrade', (request, socket) => {
      heard.push(request);
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise((resolve) => stranger.once('listening', resolve));
    const address = stranger.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const ended = await run(['admin', 'rooms', '--server', `127.0.0.1:${port}`], { env: server.env });
    expect(ended.exitCode).toBe(4);
    const named = await run(['admin', 'rooms', '--server', `not-this-machine.invalid:${server.port}`], {
      env: server.env,
    });
    expect([3, 4]).toContain(named.exitCode);
    stranger.close();
    expect(heard.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('is not sent to somebody else who listens on the same port of another loopback address', async () => {
    const heard: IncomingMessage[] = [];
    const stranger = createServer().listen(server.port, '127.0.0.2');
    stranger.on('upgrade', (request, socket) => {
      heard.push(request);
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise((resolve) => stranger.once('listening', resolve));
    const ended = await run(['admin', 'rooms', '--server', `127.0.0.2:${server.port}`], { env: server.env });
    stranger.close();
    expect(ended.exitCode).toBe(4);
    expect(heard.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(await listRooms(server.env, '--server', `localhost:${server.port}`)).toMatchObject({ exitCode: 0 });
  });
});
