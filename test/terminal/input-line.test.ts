// The input line on a real terminal (a pty): what is on the screen, and where the cursor is (▏), after each thing that
// may happen while a line is being typed.

import { describe, expect, it } from 'vitest';
import { said, says, TIME, useDemo, WELCOME } from '../support/demo-room.ts';

const { join } = useDemo();

/** The rows of the welcome, by the columns of the terminal. */
const WELCOMES: Readonly<Record<number, readonly string[]>> = {
  80: [WELCOME],
  40: ['-- You are bob in lobby; nobody else is', '      │ here.'],
  20: ['-- You are bob in', '│ lobby; nobody', '│ else is here.'],
};

describe('a message that arrives', () => {
  it.each([80, 40])('leaves a wrapped line alone that is edited in its middle, at %i columns', async (columns) => {
    const terminal = await join({ columns });
    const typed = `${'a'.repeat(columns)}${'b'.repeat(columns)}`;
    terminal.type(`${typed}${'\x1b[D'.repeat(columns + 3)}`);
    // The prompt takes five cells, and each row leaves its last one free.
    const input = `bob> ${'a'.repeat(columns - 6)}\naaa▏aaa${'b'.repeat(columns - 7)}\n${'b'.repeat(7)}`;
    await terminal.until('the typed line', () => terminal.screen.withCursor.endsWith(input));
    terminal.show(says(1, 'x'.repeat(columns)), says(2, 'two\nlines'));
    await terminal.until('both messages', () => terminal.screen.withCursor.endsWith(`│ lines\n${input}`));
    expect(terminal.screen.printed).toEqual([
      ...(WELCOMES[columns] ?? []),
      // The head takes thirteen cells, the mark of the second row eight.
      `${TIME} alice: ${'x'.repeat(columns - 14)}`,
      `      │ ${'x'.repeat(14)}`,
      `${TIME} alice: two`,
      '      │ lines',
      ...input.replace('▏', '').split('\n'),
    ]);
    terminal.type('!\r');
    await terminal.until('the line to be said', () => said(terminal).length > 0);
    expect(said(terminal)).toEqual([`${typed.slice(0, columns - 3)}!${typed.slice(columns - 3)}`]);
    expect(terminal.screen.unknown).toEqual([]);
  });

  it('comes through a thousand strong, once each, in order, with the typed line kept', async () => {
    const terminal = await join({ columns: 40, rows: 10 });
    terminal.type(`half a thought ${'and more of it '.repeat(3)}`);
    await terminal.until('the typed line', () => terminal.screen.text.endsWith('and more of it'));
    const burst = Array.from({ length: 1000 }, (_, n) => says(n + 1, `number ${n}`));
    terminal.show(...burst);
    const end = `${TIME} alice: number 999\nbob> half a thought and more of it and\nmore of it and more of it`;
    await terminal.until('the last', () => terminal.screen.text.endsWith(end));
    expect(terminal.screen.printed).toEqual([
      ...(WELCOMES[40] ?? []),
      ...burst.map(({ text }) => `${TIME} alice: ${text}`),
      'bob> half a thought and more of it and',
      'more of it and more of it',
    ]);
  });

  it('rings for a mention, not for the rest', async () => {
    const terminal = await join();
    terminal.show(says(1, 'hello'), says(2, 'hello Bob'), says(3, 'I, bob', { id: 'me' }), says(4, 'end'));
    await terminal.until('the last', () => terminal.screen.text.includes('end'));
    expect(terminal.screen.bells).toBe(1);
  });
});

describe('a paste of several lines', () => {
  it.each([80, 40])('is one message, shown with a mark and sent with its newlines, at %i columns', async (columns) => {
    const terminal = await join({ columns });
    expect(terminal.screen.bracketedPaste).toBe(true);
    const lines = ['function one() {', '\treturn 1;', '}'];
    // Terminals send a carriage return for a newline; the paste comes in several reads.
    terminal.type('see: \x1b[200~function one() {\r\treturn');
    terminal.type(' 1;\r}\r\x1b[2');
    terminal.type('01~ ok');
    const shown = 'bob> see: function one() {⏎    return 1;⏎} ok';
    await terminal.until('the paste', () => terminal.screen.text.endsWith('} ok'));
    const rows = columns === 80 ? [shown] : [shown.slice(0, 39), shown.slice(39)];
    expect(terminal.screen.printed).toEqual([...(WELCOMES[columns] ?? []), ...rows]);
    expect(said(terminal)).toEqual([]);
    terminal.show(says(1, 'meanwhile'));
    await terminal.until('the message', () => terminal.screen.text.includes('meanwhile\nbob> see'));
    terminal.type('\r');
    await terminal.until('the paste to be said', () => said(terminal).length > 0);
    expect(said(terminal)).toEqual([`see: ${lines.join('\n')} ok`]);
    terminal.show(says(2, said(terminal)[0] ?? '', { id: 'me', nick: 'bob', ref: 'r1' }));
    await terminal.until('the receipt', () => terminal.screen.withCursor.endsWith('      │ } ok\nbob> ▏'));
  });

  it('that is too long for a message is refused whole, and said to be', async () => {
    const terminal = await join();
    terminal.type(`kept\x1b[200~${'x'.repeat(17_000)}\x1b[201~`);
    await terminal.untilScreen(`${WELCOME}\n!! A message has at most 16,384 bytes.\nbob> kept▏`);
  });
});

describe('wide characters', () => {
  it('are moved over and erased whole, and wrap whole', async () => {
    const terminal = await join({ columns: 20 });
    // 20 columns: the prompt's five cells and seven wide characters fill a row's nineteen.
    terminal.type('你好世界你好世界');
    await terminal.until('the line', () => terminal.screen.withCursor.endsWith('bob> 你好世界你好世\n界▏'));
    terminal.type('\x1b[D\x1b[D');
    await terminal.until('the cursor', () => terminal.screen.withCursor.endsWith('bob> 你好世界你好▏世\n界'));
    terminal.show(says(1, '谢谢'));
    await terminal.until('a message', () =>
      terminal.screen.withCursor.endsWith('alice: 谢谢\nbob> 你好世界你好▏世\n界'),
    );
    terminal.type('\x7f\x7f👍🏽e\u0301👨‍👩‍👧');
    await terminal.until('the emoji', () => terminal.screen.text.includes('👨‍👩‍👧'));
    terminal.type('\x7f\x7f');
    await terminal.until('the erased', () => terminal.screen.text.endsWith('世界👍🏽世\n界'));
    terminal.type('\r');
    await terminal.until('the line to be said', () => said(terminal).length > 0);
    expect(said(terminal)).toEqual(['你好世界👍🏽世界']);
  });
});

describe('a line that is taller than the screen', () => {
  it('shows the part around the cursor, and hides whole when a message comes', async () => {
    const terminal = await join({ columns: 20, rows: 6 });
    const word = (n: number): string => String(n).padStart(19, '.');
    const typed = Array.from({ length: 30 }, (_, n) => word(n)).join('');
    // With the five cells of the prompt, a number ends five cells into each row.
    const row = (n: number): string => word(n - 1).slice(14) + word(n).slice(0, 14);
    terminal.type(typed);
    await terminal.until('the end', () => terminal.screen.text.endsWith(`${row(28)}\n${row(29)}\n...29`));
    terminal.show(says(1, 'hi'));
    await terminal.until('a message', () =>
      terminal.screen.text.endsWith(`${TIME} alice: hi\n${row(28)}\n${row(29)}\n...29`),
    );
    terminal.type('\x01');
    await terminal.until('the start', () => terminal.screen.withCursor.includes(`alice: hi\nbob> ▏`));
    const shown = [`bob> ${row(0).slice(5)}`, row(1), row(2)];
    expect(terminal.screen.printed).toEqual([...(WELCOMES[20] ?? []), `${TIME} alice: hi`, ...shown]);
    // From the first row of a screen, too.
    terminal.type('\x0c\x06');
    await terminal.until('the cleared screen', () => terminal.screen.withCursor.startsWith('bob> .▏'));
    terminal.type('\x06\x06');
    await terminal.until('the cursor', () => terminal.screen.withCursor.startsWith('bob> ...▏'));
    expect(terminal.screen.printed.slice(-4)).toEqual([WELCOMES[20]?.[0], ...shown]);
    terminal.type('\r');
    await terminal.until('the line to be said', () => said(terminal).length > 0);
    expect(said(terminal)).toEqual([typed]);
  });
});

describe('resizing', () => {
  it('keeps the typed line whole, once, from 80 to 40 columns and back', async () => {
    const terminal = await join();
    const typed = 'the quick brown fox jumps over the lazy dog '.repeat(4).trim();
    terminal.type(typed + '\x1b[D'.repeat(60));
    await terminal.until('the line', () => terminal.screen.text.endsWith('lazy dog'));
    for (const columns of [40, 80, 33, 61]) {
      terminal.resize(columns, 24);
      const all = `bob> ${typed}`;
      const rows: string[] = [];
      for (let at = 0; at < all.length; at += columns - 1) rows.push(all.slice(at, at + columns - 1).trimEnd());
      await terminal.until(`the line at ${columns} columns`, () => terminal.screen.text.endsWith(rows.join('\n')));
      expect(terminal.screen.printed).toEqual([WELCOME, ...rows]);
    }
  });

  it('to exactly the width of the line leaves what stands above it', async () => {
    const terminal = await join();
    terminal.type('x'.repeat(35));
    await terminal.until('the line', () => terminal.screen.text.endsWith('xx'));
    terminal.resize(40, 24);
    await terminal.untilScreen(`-- You are bob in lobby; nobody else is\nhere.\nbob> ${'x'.repeat(34)}\nx▏`);
  });
});

describe('the keys', () => {
  it('Ctrl-C clears a line that holds text, and asks to leave on an empty one', async () => {
    const terminal = await join();
    terminal.type('text\x03');
    await terminal.untilScreen(`${WELCOME}\nbob> ▏`);
    expect(terminal.heard).toHaveLength(1);
    terminal.type('\x03');
    await terminal.until('the wish to leave', () => terminal.heard.length > 1);
    expect(terminal.heard[1]).toEqual({ type: 'leave', text: 'interrupt' });
  });

  it('Ctrl-D erases in a line that holds text, and leaves on an empty one', async () => {
    const terminal = await join();
    terminal.type('ab\x01\x04');
    await terminal.untilScreen(`${WELCOME}\nbob> ▏b`);
    terminal.type('\x04\x04');
    await terminal.until('the wish to leave', () => terminal.heard.length > 1);
    expect(terminal.heard[1]).toEqual({ type: 'leave', text: 'end' });
  });

  it('Ctrl-L and /clear leave the line alone on the screen', async () => {
    const terminal = await join();
    terminal.type('text\x0c');
    await terminal.untilScreen('bob> text▏');
    terminal.show(says(1, 'hello'));
    await terminal.untilScreen(`${TIME} alice: hello\nbob> text▏`);
    terminal.type('\x15/clear\r');
    await terminal.untilScreen('bob> ▏');
  });

  it('Tab goes through nicks and commands', async () => {
    const terminal = await join();
    terminal.show(says(1, 'x', { nick: 'Alice' }), says(2, 'x', { nick: 'Álvaro' }), says(3, 'x', { nick: 'alan' }));
    terminal.type('al\t');
    await terminal.until('alan', () => terminal.screen.withCursor.endsWith('bob> alan: ▏'));
    terminal.type('\t');
    await terminal.until('Alice', () => terminal.screen.withCursor.endsWith('bob> Alice: ▏'));
    terminal.type('\t');
    await terminal.until('alan again', () => terminal.screen.withCursor.endsWith('bob> alan: ▏'));
    terminal.type('and á\t');
    await terminal.until('Álvaro', () => terminal.screen.withCursor.endsWith('bob> alan: and Álvaro ▏'));
    terminal.type('\x15/cl\t');
    await terminal.until('/clear', () => terminal.screen.withCursor.endsWith('bob> /clear ▏'));
  });

  it('an Escape alone and sequences that mean nothing do nothing', async () => {
    const terminal = await join();
    terminal.type('a\x1b[5~\x1b[15;2~\x1bxb\x1b');
    await terminal.until('the text', () => terminal.screen.withCursor.endsWith('bob> ab▏'));
    terminal.type('\x1b[D|');
    await terminal.until('the cursor', () => terminal.screen.withCursor.endsWith('bob> a|▏b'));
  });
});
