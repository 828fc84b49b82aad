// The view where no line is edited: pipes in each place, and a terminal that knows no sequences.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { said, says, TIME, useDemo, WELCOME, welcome } from '../support/demo-room.ts';
import type { DemoOptions } from '../support/demo-terminal.ts';

const { start } = useDemo();

let folder: string;
const contentOf = (name: string): string => readFileSync(joinPath(folder, name), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(joinPath(tmpdir(), 'plain-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The demo in a shell's command, in which it is written "$@". */
function within(command: string): DemoOptions {
  return { command: (demo) => ['bash', '-c', `cd ${folder}; ${command}`, 'bash', ...demo] };
}

describe('on pipes', () => {
  it('takes lines, and writes a line for each message of others; the rest goes aside', async () => {
    const terminal = await start(within(`printf 'one\\r\\n\\n/who\\nlast, not ended' | "$@" >out 2>err`));
    await terminal.until('what was typed', () => said(terminal).length === 2);
    expect(said(terminal)).toEqual(['one', 'last, not ended']);
    expect(terminal.heard.map(({ type }) => type)).toEqual(['ready', 'say', 'who', 'say']);
    terminal.show(
      welcome,
      { type: 'live', seq: 0 },
      says(1, 'two\nlines'),
      says(2, 'mine', { id: 'me', nick: 'bob' }),
      says(3, '/me waves \x1b[2J'),
      { type: 'notice', seq: 4, at: 0, text: 'restarting' },
      { type: 'joined', at: 0, id: 'c', nick: 'carol' },
    );
    terminal.tell({ type: 'ask', question: 'Password: ' });
    await terminal.until('no answer, as nobody can be asked', () => terminal.heard.length === 5);
    expect(terminal.heard.at(-1)).toEqual({ type: 'answer' });
    terminal.tell({ type: 'close' });
    await terminal.exited;
    expect(contentOf('out')).toBe('alice: two⏎lines\n* alice waves ␛[2J\nserver: restarting\n');
    expect(contentOf('err')).toContain('carol joined\n');
    expect(terminal.output).toBe('');
  });

  it('has no end at the end of its input', async () => {
    const terminal = await start(within(`"$@" </dev/null >out`));
    terminal.show(welcome, { type: 'live', seq: 0 }, says(1, 'still here'));
    terminal.tell({ type: 'close' });
    await terminal.exited;
    expect(contentOf('out')).toBe('alice: still here\n');
    expect(terminal.heard).toHaveLength(1);
  });

  it('passes over a line without end, says so, and goes on', async () => {
    const terminal = await start(within(`(head -c 400000 /dev/zero | tr '\\0' x; echo; echo next) | "$@" >out 2>err`));
    await terminal.until('the next line', () => said(terminal).length > 0);
    expect(said(terminal)).toEqual(['next']);
    terminal.tell({ type: 'close' });
    await terminal.exited;
    expect(contentOf('err')).toBe('A message has at most 16,384 bytes.\n');
  });

  it('shows messages as a terminal does where only the input is a pipe', async () => {
    const terminal = await start(within(`echo hello | "$@"`));
    terminal.show(welcome, { type: 'live', seq: 0 }, says(1, 'hello', { id: 'me', nick: 'bob' }));
    await terminal.untilScreen(`${WELCOME}\n${TIME} bob: hello\n▏`);
  });

  it('asks for a password on the terminal where only the output is a pipe', async () => {
    const terminal = await start(within(`"$@" | cat >out; stty -a; echo the end; read -r`));
    terminal.tell({ type: 'ask', question: 'Password: ' });
    await terminal.untilScreen('Password: ▏');
    terminal.type('hunter2\r');
    await terminal.until('the answer', () => terminal.heard.length > 1);
    expect(terminal.heard.at(-1)).toEqual({ type: 'answer', text: 'hunter2' });
    terminal.type('a line\n');
    await terminal.until('the line', () => said(terminal).length > 0);
    terminal.tell({ type: 'close' });
    await terminal.until('the report', () => terminal.output.endsWith('the end\r\n'));
    expect(terminal.output).not.toContain('hunter2');
    expect(terminal.output).toMatch(/\sisig icanon iexten echo\s/);
    expect(contentOf('out')).toBe('');
  });
});

describe('on a terminal that knows no sequences', () => {
  it('writes plain lines and leaves editing to the system', async () => {
    const terminal = await start({ env: { TERM: 'dumb' } });
    terminal.show(welcome, { type: 'live', seq: 0 }, says(1, 'hello bob'));
    await terminal.until('the message', () => terminal.screen.text.includes('hello bob'));
    terminal.type('typed\n');
    await terminal.until('the line', () => said(terminal).length > 0);
    // The terminal has echoed it: the room's own line would be its second.
    terminal.show(says(2, 'typed', { id: 'me', nick: 'bob' }), says(3, 'end'));
    await terminal.until('the last', () => terminal.screen.text.includes('end'));
    expect(terminal.screen.text).toBe(`${WELCOME}\n${TIME} alice: hello bob\ntyped\n${TIME} alice: end`);
    expect(terminal.output.replaceAll('\x07', '')).not.toMatch(/\x1b/);
    terminal.type('\x04');
    await terminal.until('the wish to leave', () => terminal.heard.some(({ type }) => type === 'leave'));
  });
});
