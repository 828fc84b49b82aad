// What a message sets off: code, fences, bold and links, and nothing that is not meant so.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markup } from '../../src/view/index.ts';

/** Short to read: [code], {fence}, *bold*, <link>. */
const SIGNS = { text: ['', ''], code: ['[', ']'], fence: ['{', '}'], bold: ['*', '*'], link: ['<', '>'] } as const;
const seen = (text: string) => markup(text).map(({ kind, text }) => `${SIGNS[kind][0]}${text}${SIGNS[kind][1]}`);

describe('code, fences and bold', () => {
  it.each([
    ['', []],
    ['plain', ['plain']],
    ['run `ls -l` now', ['run ', '[ls -l]', ' now']],
    ['`a``b`', ['`a``b`']],
    ['two `Foo`s', ['two ', '[Foo]', 's']],
    ['don`t and can`t', ['don`t and can`t']],
    ['`not\nover lines`', ['`not\nover lines`']],
    ['`` ` ` ``', ['`` ` ` ``']],
    ['`**a**` **`b`**', ['[**a**]', ' ', '*`b`*']],
    ['so: **very** much', ['so: ', '*very*', ' much']],
    ['これは**重要**です', ['これは', '*重要*', 'です']],
    ['2**3 + 4**5', ['2**3 + 4**5']],
    ['f(**a) g(**b)', ['f(**a) g(**b)']],
    ['** a ** and **\n**', ['** a ** and **\n**']],
    ['****', ['****']],
    ['**open', ['**open']],
    ['see:\n```\na\n\nb\n```\ndone', ['see:', '{a\n\nb}', 'done']],
    ['```one``` two', ['{one}', ' two']],
    ['```a```\n```b```', ['{a}', '{b}']],
    ['``` ``` ```x', ['``` ``` ```x']],
    ['```never closed\n`a` **b**', ['```never closed\n', '[a]', ' ', '*b*']],
    ['````a````', ['````a````']],
    ['```js\n`x` **y** http://z\n```', ['{js\n`x` **y** http://z}']],
  ])('%j', (text, spans) => {
    expect(seen(text)).toEqual(spans);
  });
});

describe('links', () => {
  it.each([
    ['http://a.b/c?d=e#f', ['<http://a.b/c?d=e#f>']],
    ['see https://a.b, or (http://c.d/e).', ['see ', '<https://a.b>', ', or (', '<http://c.d/e>', ').']],
    ['https://en.wikipedia.org/wiki/A_(b)', ['<https://en.wikipedia.org/wiki/A_(b)>']],
    ['(https://a.b/c_(d)))!', ['(', '<https://a.b/c_(d)>', '))!']],
    ['http://[::1]:8080/ [http://a]', ['<http://[::1]:8080/>', ' [', '<http://a>', ']']],
    ['HTTPS://A.B', ['<HTTPS://A.B>']],
    ['«http://a.b» “http://c.d” <http://e.f> "http://g.h"', null],
    ['見てhttp://a.b/c。次', ['見て', '<http://a.b/c>', '。次']],
    ['**see http://a.b now**', ['*see *', '<http://a.b>', '* now*']],
    ['`http://a.b`', ['[http://a.b]']],
    ['http:// http://. xhttp://a javascript:alert(1) ftp://a.b data:text/html,x', null],
    ['http://a.b\u202e/moc', ['<http://a.b>', '\u202e/moc']],
    ['http://a.b\u200b.c', ['<http://a.b>', '\u200b.c']],
    ['http://bücher.example/ä', ['<http://bücher.example/ä>']],
  ])('%j', (text, spans) => {
    const links = (text.match(/http:\/\/\w\.\w/g) ?? []).map((link) => `<${link}>`);
    if (spans === null) expect(seen(text).filter((span) => /^<.*>$/.test(span))).toEqual(links);
    else expect(seen(text)).toEqual(spans);
  });
});

const escaped = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
const PATTERNS = {
  text: (text: string) => text,
  link: (text: string) => text,
  code: (text: string) => `\`${text}\``,
  // Bold with a link in it is several spans between two marks.
  bold: (text: string) => `(?:\\*\\*)?${text}(?:\\*\\*)?`,
  fence: (text: string) => `\\n?\`\`\`\\n?${text}\\n?\`\`\`\\n?`,
};

const PIECES = ['`', '```', '**', '*', 'a', ' ', '\n', 'http://', 'https://b.c', ')', '(', ']', '.', '😀'];

it('drops nothing but the marks, whatever the text is', () => {
  const piece = fc.constantFrom(...PIECES);
  const text = fc.array(fc.oneof({ weight: 9, arbitrary: piece }, fc.string({ unit: 'grapheme', maxLength: 3 })));
  fc.assert(
    fc.property(text, (pieces) => {
      const whole = pieces.join('').toWellFormed();
      const spans = markup(whole);
      // Where a link begins or ends a bold text, the marks stand beside the link.
      const pattern = spans.map(({ kind, text }) => PATTERNS[kind](escaped(text))).join('(?:\\*\\*)?');
      expect(whole).toMatch(new RegExp(`^(?:\\*\\*)?${pattern}(?:\\*\\*)?$`, 'u'));
      expect(spans.every(({ text }) => text !== '')).toBe(true);
      const addresses = spans.filter(({ kind }) => kind === 'link').map(({ text }) => text);
      expect(addresses.filter((address) => !/^https?:\/\/[^\s`<>"]+$/.test(address))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
