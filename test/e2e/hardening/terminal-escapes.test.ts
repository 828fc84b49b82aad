// What somebody writes cannot drive a terminal: neither that of who reads it with `join`, nor the server's console.
// Both are the real commands on terminals (ptys) of their own, and what comes to these is looked at byte by byte.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IPty, spawn } from '@lydell/node-pty';
import { execa } from 'execa';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { hostileText, unsafeCharacters } from '../../support/hostile-text.ts';
import { COMMAND, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import { frame, lines, startHostileServer, welcome } from './hostile-server.ts';

const KNOWN = [
  '\u001b]52;c;ZXZpbA==\u0007',
  '\u001b]0;title\u0007',
  '\u001b[2J',
  '\u001bP1$r\u001b\\',
  '\u009b31m',
  '\u0007',
];
const TEXTS = [
  ...KNOWN,
  '\rover',
  'cut off \u001b[',
  '\u202eevil\u202c',
  ...fc.sample(hostileText, { numRuns: 250, seed: 4 }),
]
  // A newline ends a line of the screen, which is what it is for; half a character never leaves a client.
  .map((text) => text.replace(/\n|\p{Surrogate}/gu, ' '));

/** A command on a terminal so wide that no line wraps. */
class Terminal {
  output = '';
  readonly #pty: IPty;
  readonly #exited: Promise<void>;
  #check = (): void => {};

  constructor(args: readonly string[], env: Record<string, string>) {
    this.#pty = spawn(process.execPath, [COMMAND, ...args], {
      name: 'xterm-256color',
      cols: 2_000,
      rows: 50,
      env: { PATH: process.env.PATH, HOME: tmpdir(), ...env },
    });
    this.#exited = new Promise((resolve) => this.#pty.onExit(() => resolve()));
    this.#pty.onData((data) => {
      this.output += data;
      this.#check();
    });
  }

  shows(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Waited for ${pattern}. It shows:\n${this.output}`)), 20_000);
      this.#check = () => {
        const found = pattern.exec(this.output);
        if (found === null) return;
        clearTimeout(timer);
        resolve(found);
      };
      this.#check();
    });
  }

  stop(): Promise<void> {
    this.#pty.kill('SIGKILL');
    return this.#exited;
  }
}

/** What came to the terminal between the marks of each text. */
function shown(output: string): string[] {
  return [...output.matchAll(/<<\d+ (.*?) \d+>>/gs)].map(([, text]) => text ?? '');
}

const mark = (text: string, index: number): string => `<<${index} ${text} ${index}>>`;

async function stateFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'roomchat-escapes-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it('on the terminal of a member', async () => {
  const server = await startServer();
  onTestFinished(async () => void (await server.stop()));
  const { client: eve } = await WireClient.join(server, 'lobby', { nick: 'eve' });
  const args = ['join', 'lobby', '--nick', 'ann', '--bell', 'off', '--server', server.url];
  const terminal = new Terminal(args, { XDG_STATE_HOME: await stateFolder() });
  onTestFinished(() => terminal.stop());
  await eve.next('joined');
  for (const [index, text] of TEXTS.entries()) eve.send({ type: 'say', text: mark(text, index) });
  eve.send({ type: 'say', text: 'the end' });
  await terminal.shows(/the end/);
  const seen = shown(terminal.output);
  expect(seen).toHaveLength(TEXTS.length);
  expect(seen.filter((text) => unsafeCharacters(text).length > 0)).toEqual([]);
  expect(terminal.output).not.toContain('\u0007');
});

it("on the server's", async () => {
  const folder = await stateFolder();
  const args = ['serve', '--port', '0', '--data', join(folder, 'data')];
  const terminal = new Terminal(args, { XDG_STATE_HOME: folder });
  onTestFinished(() => terminal.stop());
  const [, url = ''] = await terminal.shows(/listening on (\S+:\d+)/);
  const { client: eve } = await WireClient.join({ url }, 'lobby', { nick: 'eve' });
  for (const [index, text] of TEXTS.entries()) eve.send({ type: 'say', text: mark(text, index) });
  await eve.count('message', TEXTS.length);
  const reason = mark(KNOWN.join('').slice(0, 60), TEXTS.length);
  eve.socket.close(4000, reason);
  await terminal.shows(/eve left .*>>/);
  const seen = shown(terminal.output);
  expect(seen).toHaveLength(TEXTS.length + 1);
  expect(seen.filter((text) => unsafeCharacters(text).length > 0)).toEqual([]);
  // A console uses no sequence of its own: not one control byte but the ends of its lines.
  expect(unsafeCharacters(terminal.output.replaceAll('\r\n', ''))).toEqual([]);
});

it('on the terminal of `join --json`, from a server that escapes nothing', async () => {
  const hostile = KNOWN.join('').replaceAll(/[\u0000-\u001f\\]/g, '');
  const notice = `{"type":"notice",\r"seq":1,\t"at":0,"text":"<<0 ${hostile}\u0085\u2028\u202e 0>>"}\n`;
  const live = '{"type":"live","seq":1}\n';
  const server = await startHostileServer({
    bytes: Buffer.concat([lines(welcome), frame(0x81, notice + live)]),
    staysOpen: true,
  });
  onTestFinished(() => server.stop());
  const args = ['join', 'lobby', '--json', '--nick', 'bob', '--server', server.url];
  const terminal = new Terminal(args, { XDG_STATE_HOME: await stateFolder() });
  onTestFinished(() => terminal.stop());
  const [line] = await terminal.shows(/^\{"type":"notice".*"\}$/m);
  expect(unsafeCharacters(line)).toEqual([]);
  expect(JSON.parse(line)).toEqual(JSON.parse(notice));
});

it.each([
  ['a room', ['join', '\u001b]0;x\u0007']],
  ['a nick', ['say', 'lobby', 'hi', '--nick', '\u001b[2J']],
  ['a server', ['join', 'lobby', '--server', 'ws://\u001b]0;x\u0007/']],
  ['a flag', ['join', 'lobby', '--\u001b[2Jx']],
  ['a command', ['\u001b[2J']],
])('in the error for %s that was pasted from somewhere', async (_, args) => {
  const { exitCode, stderr, stdout } = await execa(process.execPath, [COMMAND, ...args], {
    reject: false,
    stdin: 'ignore',
  });
  expect(exitCode).toBe(2);
  expect(unsafeCharacters((stdout + stderr).replaceAll('\n', ''))).toEqual([]);
});
