import fc from 'fast-check';
import { expect, it } from 'vitest';
import { escapeUnsafe } from '../../src/protocol/index.ts';
import { hostileText, unsafeCharacters } from '../support/hostile-text.ts';

it('makes any text printable on one line, though it is no JSON', () => {
  expect(escapeUnsafe('no JSON \u001b[2J\u0007')).toBe('no JSON \\u001b[2J\\u0007');
  fc.assert(
    // Half a character cannot come over the wire, nor go to a terminal: both are UTF-8.
    fc.property(hostileText, (text) => {
      expect(unsafeCharacters(escapeUnsafe(text.toWellFormed()))).toEqual([]);
    }),
    { numRuns: 5000 },
  );
});

it('leaves JSON what it says, whatever stands between its tokens', () => {
  fc.assert(
    fc.property(fc.jsonValue(), hostileText, fc.constantFrom('\t', '\r', '\n', ' '), (value, text, blank) => {
      const json = `[${blank}${JSON.stringify(value)},${blank}${JSON.stringify(text)}]`;
      expect(JSON.parse(escapeUnsafe(json))).toEqual(JSON.parse(json));
    }),
  );
});
