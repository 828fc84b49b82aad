import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printableLine, printableLines } from '../../src/protocol/index.ts';
import { hostileText, unsafeCharacters } from '../support/hostile-text.ts';

describe('printableLine', () => {
  it.each([
    ['a title (OSC 0)', '\x1b]0;owned\x07', '␛]0;owned␇'],
    ['the clipboard (OSC 52), ended by ST', '\x1b]52;c;aGk=\x1b\\', '␛]52;c;aGk=␛\\'],
    ['a cleared screen', '\x1b[2J', '␛[2J'],
    ['a sequence cut off at the end', 'hi\x1b[', 'hi␛['],
    ['a device control string', '\x1bPq\x1b\\', '␛Pq␛\\'],
    ['C1: CSI and OSC as one character', '\x9b2J\x9d0;x\x9c', '\ufffd2J\ufffd0;x\ufffd'],
    ['a carriage return that would overwrite', 'real\rfake', 'real␍fake'],
    ['NUL, backspace and DEL', '\0\b\x7f', '␀␈␡'],
    ['a bidi override and an isolate', 'abc\u202egnp.exe\u2066x', 'abc\ufffdgnp.exe\ufffdx'],
    ['Unicode line ends', 'a\u2028b\u2029c', 'a\ufffdb\ufffdc'],
    ['half a surrogate pair', 'a\ud83db\ude00', 'a\ufffdb\ufffd'],
    ['newlines', 'one\ntwo\r\nthree', 'one⏎two⏎three'],
    ['a tab', 'a\tb', 'a    b'],
  ])('shows %s', (_what, text, shown) => {
    expect(printableLine(text)).toBe(shown);
  });

  it('leaves every script and emoji alone', () => {
    const text = 'Größe 你好 שלום नमस्ते 👨‍👩‍👧 ❤️ e\u0301';
    expect(printableLine(text)).toBe(text);
  });

  it.each([
    ['marks of one kind', '\u0301', 30],
    ['marks outside the first plane', '\u{1d165}\u{1d167}', 30],
    ['marks that enclose', '\u20dd', 30],
    ['marks with something invisible between', '\u0301\u200d', 30],
    ['Thai vowels, which Unicode does not order', '\u0e34', 30],
  ])('shows 30 of a heap of %s, and that there were more', (_what, marks, most) => {
    const heap = [...marks.repeat(40)];
    const shown = `a${heap.slice(0, most).join('')}\ufffdb`;
    expect(printableLine(`a${heap.join('')}b`)).toBe(shown);
    expect(printableLines(`a${heap.join('')}b\nx`)).toEqual([shown, 'x']);
    expect(printableLine(`a${heap.slice(0, most).join('')}b`)).toBe(`a${heap.slice(0, most).join('')}b`);
  });

  it('lets nothing unsafe through, whatever the text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(unsafeCharacters(printableLine(text))).toEqual([]);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('printableLines', () => {
  it('keeps the lines apart and cleans each', () => {
    expect(printableLines('one\r\n\x1b[1mtwo\n\nfour\rfive')).toEqual(['one', '␛[1mtwo', '', 'four␍five']);
  });

  it('lets nothing unsafe through, whatever the text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(printableLines(text).flatMap(unsafeCharacters)).toEqual([]);
      }),
      { numRuns: 5000 },
    );
  });
});
