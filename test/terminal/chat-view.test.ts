// The chat view on a real terminal (a pty): what is told to the session, and what it shows besides messages.

import { describe, expect, it } from 'vitest';
import { said, says, TIME, useDemo, WELCOME, welcome } from '../support/demo-room.ts';

const { join } = useDemo();

describe('commands', () => {
  it('are told, and a slip is answered and never said', async () => {
    const terminal = await join();
    terminal.type('/who\r/nick zoe\r/history 5\r/qiut\r/me waves\r/quit\r');
    await terminal.until('all to be heard', () => terminal.heard.some(({ type }) => type === 'leave'));
    expect(terminal.heard.slice(1)).toEqual([
      { type: 'who' },
      { type: 'nick', text: 'zoe' },
      { type: 'history', count: 5 },
      { type: 'say', text: '/me waves', ref: 'r1' },
      { type: 'leave', text: 'quit' },
    ]);
    await terminal.until('the answer', () =>
      terminal.screen.text.includes('!! There is no command "/qiut". Did you mean /quit?'),
    );
  });
});

describe('an owner', () => {
  it('asks for things, is told what came of them, and leaves no secret in the history of the line', async () => {
    const terminal = await join();
    terminal.type('/kick Zoe spam\r/mute @zoe 2h\r/slow 10s\r/owner k-1\r/password hunter2\r/topic\r');
    await terminal.until('the topic', () => terminal.screen.text.includes('-- The room has no topic.'));
    await terminal.until('all to be heard', () => terminal.heard.length === 6);
    expect(terminal.heard.slice(1)).toEqual([
      { type: 'act', command: { type: 'kick', nick: 'Zoe', reason: 'spam' } },
      { type: 'act', command: { type: 'mute', nick: 'zoe', for: 7200 } },
      { type: 'act', command: { type: 'set', slow: 10 } },
      { type: 'owner', text: 'k-1' },
      { type: 'act', command: { type: 'password', password: 'hunter2' } },
    ]);
    terminal.show({ type: 'done', command: 'mute', id: 'z', nick: 'zoe', for: 7200 });
    terminal.show({ type: 'settings', at: 0, topic: 'Tea\x1b[2J', slow: 10 });
    await terminal.until('the settings', () => terminal.screen.text.includes('once in 10 seconds'));
    expect(terminal.screen.text).toContain('-- zoe is muted for 2 hours.\n-- The topic is now: Tea');
    terminal.type('\x1b[A\x1b[A');
    await terminal.until('the line before', () => terminal.screen.withCursor.endsWith('bob> /slow 10s▏'));
    terminal.type('\x15/password\r');
    await terminal.until('the question', () => terminal.screen.withCursor.endsWith('New password for the room: ▏'));
    terminal.type('swordfish\r');
    await terminal.until('the password', () => terminal.heard.length === 7);
    expect(terminal.heard.at(-1)).toEqual({ type: 'act', command: { type: 'password', password: 'swordfish' } });
    expect(terminal.output).not.toContain('swordfish');
  });
});

describe('what waits', () => {
  it('a sent line stands marked above the input until the room has it', async () => {
    const terminal = await join();
    terminal.type('one\rtwo\rdraft');
    await terminal.untilScreen(`${WELCOME}\n… bob: one\n… bob: two\nbob> draft▏`);
    terminal.show(says(1, 'other'), says(2, 'one', { id: 'me', nick: 'bob', ref: 'r1' }));
    await terminal.untilScreen(`${WELCOME}\n${TIME} alice: other\n${TIME} bob: one\n… bob: two\nbob> draft▏`);
    terminal.tell({ type: 'refused', ref: 'r2', reason: 'The disk is full.' });
    await terminal.untilScreen(
      `${WELCOME}\n${TIME} alice: other\n${TIME} bob: one\n!! The disk is full.\n-- not sent: two\nbob> draft▏`,
    );
  });

  it('a refused line goes back into the input where nothing else is typed, as it was typed', async () => {
    const terminal = await join();
    terminal.type('//etc is\r');
    await terminal.untilScreen(`${WELCOME}\n… bob: /etc is\nbob> ▏`);
    terminal.tell({ type: 'refused', ref: 'r1', reason: 'You are muted.' });
    await terminal.untilScreen(`${WELCOME}\n!! You are muted.\nbob> //etc is▏`);
    terminal.type(' mine\r');
    await terminal.until('the line', () => said(terminal).includes('/etc is mine'));
  });

  it('a lost connection is told, with the wait for the next attempt', async () => {
    const terminal = await join();
    terminal.tell(
      { type: 'event', event: { type: 'lost' } },
      { type: 'event', event: { type: 'retrying', seconds: 3 } },
    );
    await terminal.untilScreen(`${WELCOME}\n!! The connection was lost.\n-- retrying in 3 s\nbob> ▏`);
    terminal.show(welcome, says(7, 'x'), { type: 'live', seq: 7 });
    await terminal.untilScreen(
      `${WELCOME}\n!! The connection was lost.\n${TIME} alice: x\n── back with 1 new ──\nbob> ▏`,
    );
  });

  it('a password is asked for and not shown, nor kept', async () => {
    const terminal = await join();
    terminal.type('draft');
    await terminal.untilScreen(`${WELCOME}\nbob> draft▏`);
    terminal.tell({ type: 'ask', question: 'Password: ' });
    await terminal.untilScreen(`${WELCOME}\nPassword: ▏`);
    terminal.type('hunter2');
    terminal.show(says(1, 'hello'));
    await terminal.untilScreen(`${WELCOME}\n${TIME} alice: hello\nPassword: ▏`);
    terminal.type('\r');
    await terminal.untilScreen(`${WELCOME}\n${TIME} alice: hello\nbob> draft▏`);
    await terminal.until('the answer', () => terminal.heard.length > 1);
    expect(terminal.heard.at(-1)).toEqual({ type: 'answer', text: 'hunter2' });
    expect(terminal.output).not.toContain('hunter');
    terminal.tell({ type: 'ask', question: 'This is not the password of the room. Password: ' });
    await terminal.untilScreen(`${WELCOME}\n${TIME} alice: hello\nThis is not the password of the room. Password: ▏`);
    terminal.type('x\x03\x03');
    await terminal.until('no answer', () => terminal.heard.length === 3);
    expect(terminal.heard.at(-1)).toEqual({ type: 'answer' });
  });
});

describe('colour', () => {
  it('is there on a terminal, and gone with NO_COLOR, but for bold and reverse', async () => {
    const coloured = await join();
    const plain = await join({ env: { NO_COLOR: '1' } });
    for (const terminal of [coloured, plain]) terminal.show(says(1, 'hello bob'));
    await coloured.until('the message', () => coloured.screen.text.includes('hello bob'));
    await plain.until('the message', () => plain.screen.text.includes('hello bob'));
    expect(coloured.output).toMatch(/\x1b\[38;5;\d+malice/);
    expect(plain.output).toContain('\x1b[1malice\x1b[22m: hello \x1b[7mbob\x1b[27m');
    expect(plain.output.match(/\x1b\[[\d;]*m/g)).toHaveLength(4);
  });
});
