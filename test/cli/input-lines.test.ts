import { expect, it } from 'vitest';
import { inputLines } from '../../src/cli/input-lines.ts';

async function linesOf(chunks: readonly Buffer[], most = 100): Promise<string[]> {
  const lines: string[] = [];
  const input = (async function* () {
    yield* chunks;
  })();
  for await (const line of inputLines(input, most)) lines.push(line);
  return lines;
}

it.each([
  ['nothing', '', []],
  ['newlines', 'a\nb\n', ['a', 'b']],
  ['no newline at the end', 'a\nb', ['a', 'b']],
  ['blank lines', '\n\na\n', ['', '', 'a']],
  ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
  ['other separators, which are text', 'a\rb\u2028c\u0085d\n', ['a\rb\u2028c\u0085d']],
  ['characters of several bytes', 'é日🎉\n€\n', ['é日🎉', '€']],
])('%s, whole and byte by byte', async (_what, text, lines) => {
  const bytes = Buffer.from(text);
  expect(await linesOf([bytes])).toEqual(lines);
  expect(await linesOf([...bytes].map((byte) => Buffer.of(byte)))).toEqual(lines);
});

it('cuts off what is too long, and no more', async () => {
  const lines = await linesOf([Buffer.from('x'.repeat(10)), Buffer.from(`\n${'y'.repeat(11)}\nz\r\n`)], 10);
  expect(lines).toEqual(['x'.repeat(10), 'y'.repeat(11), 'z']);
  const [long = '', after] = await linesOf([Buffer.from(`${'x'.repeat(1000)}\nafter`)], 10);
  expect([long.length, after]).toEqual([12, 'after']);
});

it('does not take a long line with a carriage return at the cut for one that fits', async () => {
  const [line = ''] = await linesOf([Buffer.from(`${'x'.repeat(11)}\r${'x'.repeat(9)}`)], 10);
  expect(line.length).toBeGreaterThan(10);
});
