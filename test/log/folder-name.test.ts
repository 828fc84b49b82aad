import fc from 'fast-check';
import { expect, it } from 'vitest';
import { folderName } from '../../src/log/folder-name.ts';

const hard = [
  '../x',
  'a/b',
  'a\\b',
  '\0',
  '.',
  '..',
  '%2e%2e',
  'CON',
  'con',
  'aux.txt',
  'aux',
  'x.',
  'x ',
  'Room',
  'room',
];
const more = [
  'caf\u00e9',
  'cafe\u0301',
  'K',
  '\u212a',
  'ß',
  'ss',
  'i',
  'ı',
  'İ',
  'é'.repeat(128),
  'a'.repeat(256),
  '~',
  '$',
  ':',
];

/** What a file system may make of a name: case folded, Unicode normalised, trailing dots and spaces dropped. */
function asStored(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[. ]+$/, '');
}

it('gives every name a folder of its own on any file system', () => {
  const folders = [...hard, ...more].map((name) => asStored(folderName(name)));
  expect(new Set(folders).size).toBe(folders.length);
});

it('uses only letters, digits and signs that no file system changes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), (name) => {
      const folder = folderName(name);
      expect(folder).toMatch(/^[a-z0-9_%-]{1,200}$/);
      expect(folder).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)$/);
    }),
  );
});

it('never meets another name', () => {
  const name = fc.string({
    unit: fc.constantFrom('a', 'A', 'c', 'o', 'n', '%', '6', '3', '.', 'é', 'e\u0301'),
    minLength: 1,
  });
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(folderName(one) === folderName(other)).toBe(one === other);
    }),
    { numRuns: 2000 },
  );
});

it('is its SHA-256 beyond 200 bytes, under a name that no shorter room can have', () => {
  expect(folderName('a'.repeat(200))).toBe('a'.repeat(200));
  const folder = folderName('a'.repeat(201));
  expect(folder).toMatch(/^%sha256-[0-9a-f]{64}$/);
  expect(folderName(folder)).not.toBe(folder);
});

it('refuses what is no name', () => {
  expect(() => folderName('')).toThrow(RangeError);
  expect(() => folderName('a\ud800')).toThrow(RangeError);
});
