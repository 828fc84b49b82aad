// `join` on a terminal: what only a terminal has. How lines look and are edited is test/terminal's.

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { run } from '../../support/command.ts';
import { PtyCommand } from '../../support/pty-command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
const running: PtyCommand[] = [];

beforeAll(async () => {
  server = await startServer();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((command) => command.stop()));
});
afterAll(() => server.stop());

function joins(room: string, nick: string, flags: string[] = [], env: Record<string, string> = {}): PtyCommand {
  const args = ['join', room, '--server', server.url, '--nick', nick, ...flags];
  const command = new PtyCommand(args, { ...server.env, ...env });
  running.push(command);
  return command;
}

const say = (room: string, text: string, ...flags: string[]) =>
  run(['say', room, text, '--server', server.url, '--nick', 'sayer', ...flags]);

const BELL = '\u0007';

it('replaces the typed line by the message as the room has it', async () => {
  const ann = joins('typing', 'ann');
  await ann.shows(/ann>/);
  ann.type('hello\r');
  await server.printed(/typing: <ann> hello\n/);
  await ann.shows(/\d\d:\d\d ann: hello\n/);
  expect(ann.screen.printed.join('\n').match(/hello/g)).toEqual(['hello']);
});

it.each([
  ['Ctrl-C', '\u0003', 130],
  ['Ctrl-D', '\u0004', 0],
  ['/quit', '/quit\r', 0],
])('leaves by %s', async (how, keys, exitCode) => {
  const room = `leaving-${how.replace(/\W/g, '')}`;
  const ann = joins(room, 'ann');
  await ann.shows(/ann>/);
  ann.type(keys);
  expect(await ann.exited).toBe(exitCode);
  await server.printed(new RegExp(`${room}: ann left \\(\\w+, 1000\\)`));
});

it('asks for a password and shows nothing of it, again where it is wrong', async () => {
  await say('closed', 'inside', '--password', 'open sesame');
  const ann = joins('closed', 'ann');
  await ann.shows(/This room has a password\. Password: ?/);
  ann.type('wrong one\r');
  await ann.shows(/This is not the password of the room\. Password: ?/);
  ann.type('open sesame\r');
  await ann.shows(/sayer: inside\n/);
  expect(ann.output).not.toMatch(/wrong one|sesame/);
});

it('lets who is asked for a password decline: exit code 4', async () => {
  await say('declined', 'inside', '--password', 'pw');
  const ann = joins('declined', 'ann');
  await ann.shows(/Password:/);
  ann.type('\u0003');
  expect(await ann.exited).toBe(4);
  expect(ann.output).not.toContain('inside');
});

it('asks nobody where the environment has the password', async () => {
  await say('known', 'inside', '--password', 'pw');
  const ann = joins('known', 'ann', [], { ROOMCHAT_PASSWORD: 'pw' });
  await ann.shows(/sayer: inside\n/);
  expect(ann.output).not.toContain('Password');
});

it('has colours, and with NO_COLOR none, only bold', async () => {
  await say('colours', 'hi');
  const [bright, plain] = [joins('colours', 'ann'), joins('colours', 'bob', [], { NO_COLOR: '1' })];
  await bright.shows(/sayer: hi\n/);
  await plain.shows(/sayer: hi\n/);
  expect(bright.output).toMatch(/\u001b\[[\d;]*3[0-9]/);
  expect(plain.output.match(/\u001b\[[\d;]*m/g)).toEqual(['\u001b[1m', '\u001b[22m']);
});

it.each([
  ['on', 3],
  ['mention', 1],
  ['off', 0],
] as const)('rings with --bell %s', async (when, rings) => {
  const room = `bell-${when}`;
  await say(room, 'ann: the past does not ring');
  const ann = joins(room, 'ann', ['--bell', when]);
  await ann.shows(/history/);
  await say(room, 'to nobody');
  await say(room, 'ann: to you');
  await say(room, 'end');
  await ann.shows(/sayer: end\n/);
  expect(ann.output.split(BELL).length - 1).toBe(rings);
});

it('prints plain lines where the terminal knows no sequences', async () => {
  await say('dumb', 'hi');
  const ann = joins('dumb', 'ann', [], { TERM: 'dumb' });
  await ann.shows(/sayer: hi\n/);
  ann.type('typed\r');
  await server.printed(/dumb: <ann> typed\n/);
  expect(ann.output).not.toContain('\u001b');
});

it('escapes what others send in --json on a terminal, and changes it nowhere else', async () => {
  await run(['say', 'escapes', '--server', server.url, '--nick', 'sayer'], { input: 'a\u009b2Jb\u202ec\n' });
  const ann = joins('escapes', 'ann', ['--json']);
  await ann.shows(/"text":"a\\u009b2Jb\\u202ec"/);
  expect(ann.output).not.toMatch(/[\u0080-\u009f\u202e]/);
});
