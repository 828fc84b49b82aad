import { expect, it } from 'vitest';
import { firstBadLine, seqAt } from '../../src/log/lines.ts';
import { line, notice } from './support-lines.ts';

const good = [line(1), notice(2, 'é'), line(9_007_199_254_740_991, 'x'.repeat(16_000))];

it('takes the lines of a log', () => {
  expect(firstBadLine(Buffer.from(good.join('')))).toBe(-1);
  expect(firstBadLine(Buffer.alloc(0))).toBe(-1);
});

it.each([
  ['a wrong beginning', Buffer.from('{"type":"joined","seq":2}\n')],
  ['a broken beginning', Buffer.from(line(2).slice(3))],
  ['an empty line', Buffer.from('\n')],
  ['a NUL', Buffer.from(line(2, 'a').replace('"a"', '"\0"'))],
  [
    'bytes that are not UTF-8',
    Buffer.concat([Buffer.from('{"type":"message","seq":2,"'), Buffer.of(0xc3, 0x28, 0x0a)]),
  ],
  [
    'half a character at the end of a line',
    Buffer.concat([Buffer.from('{"type":"notice","seq":2,"'), Buffer.of(0xc3, 0x0a)]),
  ],
])('says where the line with %s begins', (_what, bad) => {
  const before = Buffer.from(good.join(''));
  expect(firstBadLine(Buffer.concat([before, bad, Buffer.from(line(7))]))).toBe(before.length);
  expect(firstBadLine(Buffer.concat([bad, before]))).toBe(0);
});

it('reads a seq, and only a whole one of a line', () => {
  expect(seqAt(Buffer.from(line(12)), 0)).toBe(12);
  expect(seqAt(Buffer.from(`x${notice(9_007_199_254_740_991, '')}`), 1)).toBe(9_007_199_254_740_991);
  const broken = ['', '"message"', ',', '0,', '-1,', '01,', '1e3,', '9007199254740993,', '12', '1.5,'];
  for (const rest of broken) expect(seqAt(Buffer.from(`{"type":"message","seq":${rest}`), 0), rest).toBeUndefined();
});
