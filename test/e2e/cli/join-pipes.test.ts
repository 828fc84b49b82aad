// `join` where its streams are pipes: what it prints where, and what ends it.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { Command, type CommandOptions, run } from '../../support/command.ts';
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

const newRoom = () => `join-${++rooms}`;

function start(args: readonly string[], options?: CommandOptions): Command {
  const command = new Command(args, options);
  running.push(command);
  return command;
}

/** Joins and waits until the room is open to it. */
async function member(room: string, nick: string, ...flags: string[]): Promise<Command> {
  const command = start(['join', room, '--server', server.url, '--nick', nick, ...flags]);
  await server.printed(new RegExp(`${room}: ${nick} joined`));
  return command;
}

const say = (room: string, ...words: string[]) =>
  run(['say', room, '--server', server.url, '--nick', 'sayer', ...words]);
const logOf = (room: string) => readFile(join(server.data, 'rooms', room, 'log.ndjson'), 'utf8');

describe('plain text', () => {
  it("is others' messages on stdout, a line each, own ones never, and everything else on stderr", async () => {
    const room = newRoom();
    const ann = await member(room, 'ann');
    const bob = await member(room, 'bob');
    await ann.printed('stderr', /bob joined\n/);
    bob.type('hello\n\n/me waves\n//slash\nlast\n');
    ann.type('from ann\n');
    await ann.printed('stdout', /last\n/);
    await bob.printed('stdout', /from ann\n/);
    bob.type('/quit\n');
    expect((await bob.ended).exitCode).toBe(0);
    await ann.printed('stderr', /bob left\n/);
    expect(ann.stdout).toBe('bob: hello\n* bob waves\nbob: /slash\nbob: last\n');
    expect(bob.stdout).toBe('ann: from ann\n');
    expect(ann.stderr + bob.stderr).not.toMatch(/\u001b|hello|from ann/);
  });

  it('holds no control character of others, and one line for a message of several', async () => {
    const room = newRoom();
    const ann = await member(room, 'ann');
    await run(['say', room, '--server', server.url, '--nick', 'bob', '--whole'], {
      input: 'one\n\u001b[2Jtwo\u0007\u009b',
    });
    await say(room, 'end');
    await ann.printed('stdout', /sayer: end\n/);
    expect(ann.stdout).toMatch(/^bob: one.*two.*\nsayer: end\n$/);
    expect(ann.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it("prints the server's words, and has no colours even where they are asked for", async () => {
    const room = newRoom();
    const ann = start(['join', room, '--server', server.url], {
      env: { TERM: 'xterm-256color', COLORTERM: 'truecolor' },
    });
    await server.printed(new RegExp(`${room}: \\S+ joined`));
    await run(['admin', 'broadcast', room, 'soon', '--server', server.url], { env: server.env });
    await ann.printed('stdout', /^server: soon\n$/);
    expect(ann.stdout + ann.stderr).not.toContain('\u001b');
  });
});

describe('--json', () => {
  it('is the lines as they came: the log byte for byte, own messages too, and never a key', async () => {
    const room = newRoom();
    await run(['say', room, '--server', server.url], { input: 'one\nzwei é\n' });
    const ann = await member(room, 'ann', '--json');
    ann.type('own\n/who\n');
    await ann.printed('stdout', /"type":"members"/);
    await ann.printed('stdout', /"text":"own"/);
    const lines = ann.stdout.split('\n').slice(0, -1);
    const logged = lines.filter((line) => /^\{"type":"(message|notice)"/.test(line));
    expect(logged.map((line) => `${line}\n`).join('')).toBe(await logOf(room));
    const [welcome = '{}'] = lines;
    expect(JSON.parse(welcome)).toMatchObject({ type: 'welcome', nick: 'ann', room });
    expect(ann.stdout).not.toContain('"key"');
    expect(lines.map((line) => JSON.parse(line).type)).toContain('live');
  });

  it('has standard output to itself: what the client itself has to say is on stderr', async () => {
    const ann = await member(newRoom(), 'ann', '--json');
    ann.type('/nonsense\n/help\n');
    await ann.printed('stderr', /\/history/);
    for (const line of ann.stdout.split('\n').slice(0, -1)) JSON.parse(line);
  });
});

describe('history', () => {
  it.each([
    [[], '1 2 3 now'],
    [['--last', '2'], '2 3 now'],
    [['--last', '0'], 'now'],
  ])('%s', async (flags, expected) => {
    const room = newRoom();
    await run(['say', room, '--server', server.url], { input: '1\n2\n3\n' });
    const ann = await member(room, 'ann', ...flags);
    await ann.printed('stderr', /You are /);
    await say(room, 'now');
    await ann.printed('stdout', /now\n/);
    expect(
      ann.stdout
        .match(/: .+/g)
        ?.map((text) => text.slice(2))
        .join(' '),
    ).toBe(expected);
  });
});

describe('the end', () => {
  it('of piped input does not end it: what comes is still printed', async () => {
    const room = newRoom();
    const ann = await member(room, 'ann');
    ann.stdin.end('last words\n');
    await server.printed(new RegExp(`${room}: <ann> last words\n`));
    await say(room, 'still there?');
    await ann.printed('stdout', /still there\?\n/);
  });

  it.each(['plain', 'json'])('is quiet and 0 where nobody reads any more: join | head -1 (%s)', async (how) => {
    const room = newRoom();
    const ann = await member(room, 'ann', ...(how === 'json' ? ['--json'] : []));
    await say(room, 'one');
    await ann.printed('stdout', /one/);
    const toldBefore = ann.stderr;
    ann.closeStdout();
    await say(room, 'two');
    expect((await ann.ended).exitCode).toBe(0);
    expect(ann.stderr.slice(toldBefore.length).replaceAll(/sayer (joined|left)\n/g, '')).toBe('');
  });

  it('by Ctrl-C is 130, and the room hears that it left', async () => {
    const room = newRoom();
    const ann = await member(room, 'ann');
    ann.kill('SIGINT');
    expect((await ann.ended).exitCode).toBe(130);
    await server.printed(new RegExp(`${room}: ann left \\(\\w+, 1000\\)`));
  });

  it('by Ctrl-C is 130 while the server is gone as well', async () => {
    const other = await startServer();
    const ann = start(['join', 'lobby', '--server', other.url]);
    await other.printed(/lobby: \S+ joined/);
    await other.stop('SIGKILL');
    await ann.printed('stderr', /connection was lost/);
    ann.kill('SIGINT');
    expect((await ann.ended).exitCode).toBe(130);
  });

  it('by being kicked is 5, with the reason', async () => {
    const room = newRoom();
    const ann = await member(room, 'ann', '--json');
    await ann.printed('stdout', /"live"/);
    const { id } = JSON.parse(ann.stdout.split('\n')[0] ?? '');
    await run(['admin', 'kick', id, 'no', 'shouting', '--server', server.url], { env: server.env });
    const ended = await ann.ended;
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toMatch(/roomchat: [^\n]*no shouting[^\n]*\n$/);
  });

  it('by being replaced is 5', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    new WebSocketServer({ server: http }).on('connection', (socket) => {
      const welcome = {
        type: 'welcome',
        protocol: 1,
        id: 'a',
        nick: 'ann',
        room: 'lobby',
        epoch: 'e',
        seq: 0,
        after: 0,
      };
      const rest = { present: 1, created: false, protected: false, key: 'k' };
      const error = { type: 'error', code: 'replaced', message: 'You came in from elsewhere.' };
      for (const line of [{ ...welcome, ...rest }, { type: 'live', seq: 0 }, error])
        socket.send(`${JSON.stringify(line)}\n`);
      socket.close(4410);
    });
    await new Promise((resolve) => http.once('listening', resolve));
    const address = http.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const ended = await run(['join', 'lobby', '--server', `127.0.0.1:${port}`]);
    http.close();
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toMatch(/roomchat: You came in from elsewhere\.\n$/);
  });
});

describe('the nick', () => {
  it('is the login name, with a number where that is taken', async () => {
    const room = newRoom();
    const login = userInfo().username;
    start(['join', room, '--server', server.url]);
    await server.printed(new RegExp(`${room}: ${login} joined`));
    const second = start(['join', room, '--server', server.url]);
    await second.printed('stderr', new RegExp(`You are ${login}-?2 in ${room}`));
  });

  it('that was chosen and is taken is 5', async () => {
    const room = newRoom();
    await member(room, 'ann');
    for (const [args, env] of [
      [['--nick', 'ANN'], {}],
      [[], { ROOMCHAT_NICK: 'ann' }],
    ] as const) {
      const ended = await run(['join', room, '--server', server.url, ...args], { env });
      expect(ended.exitCode).toBe(5);
      expect(ended.stderr).toMatch(/^roomchat: [^\n]+\n$/);
    }
  });
});

describe('the environment', () => {
  it('names server and nick, and flags win over it', async () => {
    const room = newRoom();
    start(['join', room], { env: { ROOMCHAT_SERVER: server.url, ROOMCHAT_NICK: 'from-env' } });
    await server.printed(new RegExp(`${room}: from-env joined`));
    start(['join', room, '--server', server.url, '--nick', 'from-flag'], {
      env: { ROOMCHAT_SERVER: '127.0.0.1:1', ROOMCHAT_NICK: 'from-env' },
    });
    await server.printed(new RegExp(`${room}: from-flag joined`));
  });

  it("gives the room's password where it asks for one; a flag wins; it protects no new room", async () => {
    const closed = newRoom();
    const open = newRoom();
    const env = { ROOMCHAT_PASSWORD: 'pw' };
    await run(['say', closed, 'hi', '--server', server.url, '--password', 'pw']);
    expect((await run(['say', closed, 'hi', '--server', server.url], { env })).exitCode).toBe(0);
    expect((await run(['say', closed, 'hi', '--server', server.url, '--password', 'no'], { env })).exitCode).toBe(4);
    expect(await run(['say', open, 'hi', '--server', server.url], { env })).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await run(['say', open, 'hi', '--server', server.url])).exitCode).toBe(0);
  });

  it('names the data directory of serve, and --data wins', async () => {
    const data = join(server.data, '..', 'from-env');
    const args = ['serve', '--port', '0'];
    const byEnv = start(args, { env: { ...server.env, ROOMCHAT_DATA: data } });
    await byEnv.printed('stdout', new RegExp(`data in ${data},`));
    const byFlag = start([...args, '--data', `${data}-flag`], { env: { ...server.env, ROOMCHAT_DATA: data } });
    await byFlag.printed('stdout', new RegExp(`data in ${data}-flag,`));
  });
});

it('warns who gives a password for an open room, and lets them in', async () => {
  const room = newRoom();
  await say(room, 'open');
  const ann = await member(room, 'ann', '--password', 'pw');
  await ann.printed('stderr', /warning: this room has no password\./);
  await ann.printed('stdout', /sayer: open\n/);
});

it('takes the password from the first line of a file, and of standard input with -', async () => {
  const room = newRoom();
  const flags = ['say', room, 'hi', '--server', server.url, '--password-file', '-'];
  expect((await run(flags, { input: 'secret\r\nmore\n' })).exitCode).toBe(0);
  expect((await run(['say', room, 'hi', '--server', server.url, '--password', 'secret'])).exitCode).toBe(0);
  expect((await run(flags, { input: 'other\n' })).exitCode).toBe(4);
});

it('says that the connection is lost and that it is back, with how much is new', async () => {
  const data = join(server.data, '..', 'restarted');
  const first = await startServer({ data });
  const ann = start(['join', 'lobby', '--server', first.url, '--nick', 'ann']);
  await first.printed(/ann joined/);
  await first.stop('SIGKILL');
  await ann.printed('stderr', /The connection was lost\.\n/);
  ann.type('typed meanwhile\n');
  const second = await startServer({ data, args: ['--port', String(first.port)] });
  await second.printed(/<ann> typed meanwhile\n/);
  await ann.printed('stderr', /back/);
  expect(ann.stdout).toBe('');
  await second.stop();
});
