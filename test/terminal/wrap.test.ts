import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printableLine } from '../../src/protocol/index.ts';
import { cellWidth } from '../../src/terminal/cell-width.ts';
import { RESET, type Style, styleOf, UNSTYLED } from '../../src/terminal/style.ts';
import { wrap } from '../../src/terminal/wrap.ts';
import { hostileText } from '../support/hostile-text.ts';

const MARK = '      │ ';

describe('wrap', () => {
  it.each<[string, number, string[]]>([
    ['fits in its row', 40, ['fits in its row']],
    // The last cell stays free.
    ['nineteen cells fit.', 20, ['nineteen cells fit.']],
    ['is broken at a blank, which stays', 20, ['is broken at a ', '│ blank, which ', '│ stays']],
    ['the blank goes only where there is no cell', 20, ['the blank goes only', '│ where there is no', '│ cell']],
    [
      'and with the whole mark where it is wide enough',
      30,
      ['and with the whole mark where', `${MARK}it is wide enough`],
    ],
    ['a https://a-word-that-is-too-long/for-a-row', 20, ['a https://a-word-th', '│ at-is-too-long/fo', '│ r-a-row']],
    ['one\ntwo\n\nfour', 30, ['one', `${MARK}two`, MARK, `${MARK}four`]],
    ['a trailing blank ', 17, ['a trailing blank']],
    ['你好世界你好世界你好世界', 20, ['你好世界你好世界你', '│ 好世界']],
    ['ae\u0301e\u0301e\u0301e\u0301e\u0301', 5, ['ae\u0301e\u0301e\u0301', '│ e\u0301e\u0301']],
    ['👨‍👩‍👧👨‍👩‍👧', 10, ['👨‍👩‍👧', '│ 👨‍👩‍👧']],
  ])('%j at %i columns', (text, columns, rows) => {
    expect(wrap(text, columns, UNSTYLED).split('\n')).toEqual(rows);
  });

  it('keeps a line that was forged behind blanks up to the margin on a row that is marked', () => {
    const text = `12:00 eve: hi${' '.repeat(67)}12:01 ann: I agree`;
    expect(wrap(text, 80, UNSTYLED).split('\n')[1]).toBe(`${MARK}12:01 ann: I agree`);
  });

  it('ends its styles with the row, and takes them up behind the mark', () => {
    const { strong, mention } = styleOf(8);
    const text = `${strong('name')}: say ${mention('it again')}`;
    expect(wrap(text, 16, styleOf(8)).split('\n')).toEqual([
      `\x1b[1mname\x1b[22m: say \x1b[7mit ${RESET}`,
      '\x1b[2m│ \x1b[22m\x1b[7magain\x1b[27m',
    ]);
  });
});

describe('whatever is wrapped', () => {
  const unit = fc.constantFrom(
    'a',
    'b',
    ' ',
    ' ',
    ' ',
    '\n',
    '-',
    '你',
    '👋',
    '👨‍👩‍👧',
    'e\u0301',
    '\u0301',
    '❤️',
    'हि',
    '한',
    '🇨🇭',
    '│',
    '1',
  );
  const plain = fc
    .oneof(hostileText, fc.string({ unit, maxLength: 200 }))
    .map((text) => text.split('\n').map(printableLine).join('\n'));
  const styled = fc
    .array(fc.tuple(plain, fc.constantFrom<keyof Style>('dim', 'strong', 'problem', 'mention', 'nick')), {
      maxLength: 6,
    })
    .map((pieces) =>
      pieces.map(([text, how]) => (how === 'nick' ? style.strong(style.nick(text, text)) : style[how](text))).join('.'),
    );
  const style = styleOf(8);
  const columns = fc.integer({ min: 5, max: 90 });

  it('has no row that is wider than its terminal, and only the first without the mark', () => {
    fc.assert(
      fc.property(styled, columns, (text, width) => {
        const mark = width > 20 ? MARK : '│ ';
        const rows = wrap(text, width, style).split('\n').map(withoutSequences);
        for (const row of rows) expect(cellWidth(row)).toBeLessThan(width);
        for (const row of rows.slice(1)) expect(row.startsWith(mark)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('is all there, but for one blank behind a full row', () => {
    fc.assert(
      fc.property(plain, columns, (text, width) => {
        const mark = width > 20 ? MARK : '│ ';
        let at = 0;
        for (const [index, row] of wrap(text, width, UNSTYLED).split('\n').entries()) {
          if (index > 0 && text[at] === '\n') at += 1;
          const shown = index === 0 ? row : row.slice(mark.length);
          expect(text.slice(at, at + shown.length)).toBe(shown);
          at += shown.length;
          if (cellWidth(row) === width - 1 && text[at] === ' ') at += 1;
        }
        expect(at).toBe(text.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('has each character in its own style, and every row by itself', () => {
    fc.assert(
      fc.property(styled, columns, (text, width) => {
        const rows = wrap(text, width, style).split('\n');
        const cells = rows.flatMap((row, index) => stylesOf(row).slice(index === 0 ? 0 : width > 20 ? MARK.length : 2));
        expect(withoutBlanks(cells)).toEqual(withoutBlanks(stylesOf(text)));
      }),
      { numRuns: 1000 },
    );
  });
});

const withoutSequences = (text: string): string => text.replace(/\x1b\[[\d;]*m/g, '');
const withoutBlanks = (cells: readonly string[]): string[] => cells.filter((cell) => !/^[ \n]/.test(cell));

/** Each UTF-16 unit with what holds for it, as a terminal reads it. */
function stylesOf(text: string): string[] {
  const on = new Map<string, string>();
  const cells: string[] = [];
  for (const piece of text.split(/(\x1b\[[\d;]*m)/)) {
    const code = /^\x1b\[([\d;]*)m$/.exec(piece)?.[1];
    if (code === undefined) for (const unit of piece.split('')) cells.push(unit + [...on.values()].sort().join());
    else if (code === '') on.clear();
    else if (code === '22' || code === '27' || code === '39') on.delete(code);
    else on.set(/^[12]$/.test(code) ? '22' : code === '7' ? '27' : '39', code);
  }
  expect(on.size).toBe(0);
  return cells;
}
