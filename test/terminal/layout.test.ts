import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellWidth, graphemesOf, leastCellWidth } from '../../src/terminal/cell-width.ts';
import { layOutInput, oneRow, windowOf } from '../../src/terminal/layout.ts';
import { LiveArea } from '../../src/terminal/live-area.ts';
import { hostileText } from '../support/hostile-text.ts';
import { Screen } from '../support/screen.ts';

describe('cellWidth', () => {
  it.each([
    ['abc', 3],
    ['你好', 4],
    ['ｆｕｌｌ', 8],
    ['한글', 4],
    ['e\u0301', 1],
    ['👋', 2],
    ['⏎␛…│', 4],
    ['soft\u00adhyphen', 11],
    // A terminal with the tables of Unicode 9 takes these marks for characters.
    ['a\u1ac1\u{1e4ec}', 3],
  ])('knows %j', (text, width) => {
    expect(cellWidth(text)).toBe(width);
  });

  it.each(['👨‍👩‍👧', '❤️', '👍🏽', '🇨🇭', '1️⃣'])('never takes %s for narrower than a terminal may', (text) => {
    expect(cellWidth(text)).toBeGreaterThanOrEqual(2);
  });
});

describe('graphemesOf', () => {
  it('cuts as the platform does', () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const unit = fc.constantFrom(
      'a',
      'b',
      '1',
      '\n',
      ' ',
      '\u0301',
      '\ufe0f',
      '\u20e3',
      '\u200d',
      '👩',
      '🏽',
      '🇨',
      '你',
      '\t',
    );
    fc.assert(
      // The longer ones are cut in parts.
      fc.property(
        fc.oneof(fc.string({ unit, maxLength: 30 }), fc.string({ unit, minLength: 300, maxLength: 900 })),
        (text) => {
          const expected = [...segmenter.segment(text)].map(({ segment, index }) => ({ text: segment, start: index }));
          expect([...graphemesOf(text)]).toEqual(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

it('graphemesOf takes time in proportion to the text', () => {
  const cpuOf = (text: string): number => {
    const before = process.cpuUsage();
    for (const _ of graphemesOf(text));
    return process.cpuUsage(before).user;
  };
  const [small, large] = ['你'.repeat(16_384), '你'.repeat(8 * 16_384)];
  cpuOf(small);
  // It was some hundred times as long, for eight times the text.
  expect(cpuOf(large)).toBeLessThan(40 * Math.max(1000, Math.min(cpuOf(small), cpuOf(small))));
});

describe('layOutInput', () => {
  it('breaks before the last cell, never inside of a wide character', () => {
    const { rows } = layOutInput('> ', '你好你好', 0, 8);
    expect(rows).toEqual([
      { text: '> 你好', width: 6 },
      { text: '你好', width: 4 },
    ]);
  });

  it('has the cursor at the end of a full row, and at the start of the next before its first character', () => {
    expect(layOutInput('> ', 'abcde', 5, 8)).toMatchObject({ cursorRow: 0, beforeCursor: { text: '> abcde' } });
    expect(layOutInput('> ', 'abcdef', 5, 8)).toMatchObject({ cursorRow: 1, beforeCursor: { text: '' } });
  });

  it('gives way to what is typed where the prompt is long', () => {
    expect(layOutInput('averylongnick> ', 'hi', 2, 20).rows).toEqual([{ text: '> hi', width: 4 }]);
  });
});

describe('oneRow', () => {
  it('cuts with an ellipsis and keeps to its width', () => {
    expect(oneRow('abcdef', 8)).toEqual({ text: 'abcdef', width: 6 });
    expect(oneRow('abcdefgh', 8)).toEqual({ text: 'abcdef…', width: 7 });
    expect(oneRow('a\n你好世', 8)).toEqual({ text: 'a⏎你好…', width: 7 });
  });
});

describe('windowOf', () => {
  const text = Array.from({ length: 10 }, (_, n) => `${n}`.repeat(9)).join('');

  it.each([
    [0, ['000000000', '111111111', '222222222'], 0],
    [45, ['444444444', '555555555', '666666666'], 1],
    [90, ['777777777', '888888888', '999999999'], 2],
  ])('shows the rows around the cursor at %i', (cursor, rows, cursorRow) => {
    const shown = windowOf(layOutInput('', text, cursor, 10), 3);
    expect(shown.rows.map((row) => row.text)).toEqual(rows);
    expect(shown.cursorRow).toBe(cursorRow);
  });
});

describe('LiveArea', () => {
  it('hides all that it showed, whatever is typed and wherever the cursor is', () => {
    const anything = fc.record({
      text: fc.oneof(hostileText, fc.string({ unit: fc.constantFrom('a', '你', '👋', '\n'), maxLength: 120 })),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      columns: fc.integer({ min: 8, max: 40 }),
      rows: fc.integer({ min: 3, max: 8 }),
    });
    fc.assert(
      fc.property(anything, ({ text, at, columns, rows }) => {
        const size = { columns, rows };
        const screen = new Screen(columns, rows);
        const area = new LiveArea(true);
        screen.write('before\r\n');
        const cursor = Math.floor(at * text.length);
        screen.write(area.show([oneRow('above', columns)], layOutInput('> ', text, cursor, columns), size));
        screen.write(area.hide(size));
        expect(screen.printed).toEqual(['before', '']);
        expect(screen.unknown).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes no row of others along after the terminal was made narrower, and leaves none of its own', () => {
    const narrowed = fc.record({
      text: fc.string({ unit: fc.constantFrom('a', '你', '\n'), maxLength: 120 }),
      at: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
      columns: fc.integer({ min: 10, max: 40 }),
      share: fc.double({ min: 0.5, max: 1, noNaN: true }),
      rows: fc.integer({ min: 3, max: 12 }),
    });
    fc.assert(
      fc.property(narrowed, ({ text, at, columns, share, rows }) => {
        const screen = new Screen(columns, rows);
        const area = new LiveArea(true);
        screen.write('before\r\nrule\r\n');
        screen.write(area.show([], layOutInput('> ', text, Math.floor(at * text.length), columns), { columns, rows }));
        const narrow = Math.ceil(columns * share);
        screen.resize(narrow, rows);
        screen.write(area.hide({ columns: narrow, rows }));
        expect(screen.printed.slice(0, 2)).toEqual(['before', 'rule']);
        // Where the terminal has put half of a wide character is its own affair, and nothing else is left.
        if (!text.includes('你')) expect(screen.printed).toEqual(['before', 'rule', '']);
      }),
      { numRuns: 2000 },
    );
  });

  it('goes up no further than it was drawn where the terminal cuts rows off', () => {
    const area = new LiveArea(false);
    area.show([oneRow('above', 80)], layOutInput('> ', 'a'.repeat(60), 60, 80), { columns: 80, rows: 24 });
    expect(area.hide({ columns: 20, rows: 24 })).toMatch(/^\x1b\[1A\r/);
  });
});

it('leastCellWidth is what a terminal takes that knows an emoji of several characters', () => {
  expect(leastCellWidth('a👍🏽你e\u0301❤️')).toBe(1 + 2 + 2 + 1 + 1);
});
