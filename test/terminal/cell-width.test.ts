// Where a text's characters begin, as a reader sees them, however it is cut up for that.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { graphemesOf } from '../../src/terminal/cell-width.ts';

const WHOLE = new Intl.Segmenter('en', { granularity: 'grapheme' });

function agree(text: string): void {
  const segments = [...WHOLE.segment(text)].map(({ segment, index }) => ({ text: segment, start: index }));
  expect([...graphemesOf(text)]).toEqual(segments);
}

it('finds the characters of a long text as if it were looked at whole', () => {
  const parts = ['a', ' ', '\n', 'é', 'e\u0301', '漢', 'नि', '👨‍👩‍👧', '🇩🇪', '🇩', '\u1100\u1161', '\u200d', '𝒳', 'ก็'];
  const text = fc.array(fc.constantFrom(...parts), { minLength: 50, maxLength: 600 }).map((all) => all.join(''));
  fc.assert(fc.property(text, agree), { numRuns: 300 });
  for (const part of parts) if (part !== '\u200d') agree(part.repeat(500));
});

it('cuts what no reader takes for one character, and drops nothing of it', () => {
  for (const heap of [`a${'\u0301'.repeat(5000)}`, '👩\u200d'.repeat(5000), `a${'\u{1d167}'.repeat(5000)}`]) {
    const cut = [...graphemesOf(heap)].map(({ text }) => text);
    expect(cut.join('')).toBe(heap);
    expect(cut.length).toBeGreaterThan(heap.length / 128);
    expect(cut.every((piece) => piece.isWellFormed())).toBe(true);
  }
});
