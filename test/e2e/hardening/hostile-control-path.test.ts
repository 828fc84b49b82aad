// A hostile server against `admin`: whatever it answers, a terminal gets nothing raw, and a pipe gets `export` and
// `watch` byte for byte.

import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { run } from '../../support/command.ts';
import { unsafeCharacters } from '../../support/hostile-text.ts';
import { PtyCommand } from '../../support/pty-command.ts';

const ESCAPE = '\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u001bPq\u009b31m\u202e\u2028\b\u007f\u001b[';
const LINES = [
  `no JSON ${ESCAPE}`,
  `{"type":"message",\t"seq":1,\r"text":"\u009b31m\u202e"}`,
  `{"event":"message","at":0,"room":"lobby","nick":"eve","text":"hi"${ESCAPE}`,
  `["${ESCAPE}"]`,
  ...[
    { event: ESCAPE, at: 0 },
    { event: 'message', at: 0, room: ESCAPE, nick: ESCAPE, text: ESCAPE },
    { event: 'message', at: 0, room: { toString: 1 }, nick: [], text: null },
    { event: 'joined', at: 1e300 },
    { event: 'left', at: 0, room: 'r', id: 'i', nick: 'n', code: 1, reason: { toString: ESCAPE } },
    { event: 'toString', at: 0 },
  ].map((fields) => JSON.stringify(fields)),
];

/** What it answers to any command. */
let answer: (ref: number) => string[];
let server: WebSocketServer;
let address: string;

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { ref }: { ref: number } = JSON.parse(data.toString());
      for (const line of answer(ref)) socket.send(line);
      socket.send('the end');
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const bound = server.address();
  address = typeof bound === 'object' && bound !== null ? `127.0.0.1:${bound.port}` : '';
});
afterEach(() => {
  for (const socket of server.clients) socket.terminate();
  server.close();
});

const command = (...args: string[]) => ['admin', ...args, '--server', address, '--token', 't'];
const done =
  (fields: object = {}) =>
  (ref: number) => [JSON.stringify({ type: 'done', ref, ...fields })];

describe.each([['watch'], ['watch', '--json'], ['export', 'lobby']])('%s %s', (...args) => {
  it('prints nothing raw to a terminal', async () => {
    answer = (ref) => (args[0] === 'watch' ? [...done()(ref), ...LINES] : [...LINES, ...done()(ref)]);
    const terminal = new PtyCommand(command(...args), {});
    onTestFinished(() => terminal.stop());
    await terminal.shows(args[0] === 'watch' ? /the end/ : /toString/);
    expect(terminal.output.split('\r\n').length).toBeGreaterThanOrEqual(LINES.length);
    expect(unsafeCharacters(terminal.output.replaceAll('\r\n', ''))).toEqual([]);
    expect(terminal.output).not.toMatch(/internal error|undefined/);
    expect(terminal.output).toContain('no JSON \\u001b]52;c;ZXZpbA==\\u0007');
  });
});

it.each([
  ['watch', '--json'],
  ['export', 'lobby'],
])('%s prints to a pipe what came', async (...args) => {
  answer = (ref) => [
    ...(args[0] === 'watch' ? done()(ref) : []),
    ...LINES,
    ...(args[0] === 'export' ? done()(ref) : []),
  ];
  server.on('connection', (socket) => socket.on('message', () => socket.close()));
  const { stdout } = await run(command(...args));
  expect(stdout.replace(/the end\n$/, '')).toBe(LINES.map((line) => `${line}\n`).join(''));
});

const room = { name: 'r', present: 1, seq: 1, bytes: 1, protected: false };
const verified = { name: 'r', lines: 1, bytes: 1, problems: [] };
const answers: [what: string, args: string[], fields: object][] = [
  ['an object for a nick', ['dm', 'x', 'hi'], { nick: { toString: 1 } }],
  ['a text for a list', ['rooms'], { rooms: ESCAPE }],
  ['no object in a list', ['rooms'], { rooms: [ESCAPE] }],
  ['an object for the name of a room', ['rooms'], { rooms: [{ ...room, name: { toString: 1 } }] }],
  ['a number for problems', ['verify'], { rooms: [{ ...verified, problems: 3 }] }],
  ['a problem without a place', ['verify'], { rooms: [{ ...verified, problems: [{ reason: ESCAPE }] }] }],
  ['a client without a time', ['clients'], { clients: [{ id: ESCAPE, since: null }] }],
];

const unexpected = {
  exitCode: 1,
  stdout: '',
  stderr: 'roomchat: The server answered with something unexpected.\n',
};

it.each(answers)('%s is said to be unexpected', async (_, args, fields) => {
  answer = done(fields);
  expect(await run(command(...args))).toEqual(unexpected);
});

it('so is a list that begins with something else', async () => {
  answer = (ref) => [JSON.stringify({ type: 'part', ref, rooms: ESCAPE }), ...done({ rooms: [] })(ref)];
  expect(await run(command('rooms'))).toEqual(unexpected);
});

it('shows a client of any time', async () => {
  const client = {
    id: 'x',
    nick: ESCAPE,
    room: 'r',
    address: 'a',
    state: 'live',
    behind: 0,
    waiting: 0,
    speaker: false,
  };
  answer = (ref) => [
    JSON.stringify({ type: 'part', ref, clients: [{ ...client, since: 1e300 }] }),
    ...done({ clients: [{ ...client, since: 0 }] })(ref),
  ];
  const { stdout, exitCode } = await run(command('clients'));
  expect(exitCode).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(3);
  expect(stdout).toContain('1970-01-01 00:00:00');
});
