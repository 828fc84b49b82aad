import { InvalidArgumentError } from 'commander';
import { expect, it } from 'vitest';
import { byteSize, nickName, roomName, wholeNumber } from '../../src/cli/values.ts';

it('takes whole numbers within their bounds, both included', () => {
  const port = wholeNumber(1, 65_535);
  expect([port('1'), port('8080'), port('65535')]).toEqual([1, 8080, 65_535]);
  for (const text of ['0', '65536', '-1', '1.5', '1e3', '0x10', '', ' 1', '1 ', '+1', '٣', '9'.repeat(30)]) {
    expect(() => port(text), text).toThrow(InvalidArgumentError);
  }
});

it('takes sizes with or without a unit', () => {
  const sizes = ['0', '1', '100k', '500M', '2G', '1.5g', '1T'].map(byteSize);
  expect(sizes).toEqual([0, 1, 102_400, 524_288_000, 2 ** 31, 1.5 * 2 ** 30, 2 ** 40]);
  for (const text of [
    '',
    'M',
    '-1',
    '1 M',
    '1MM',
    '1MB',
    '1e3',
    '.5G',
    '1.G',
    '0x10',
    '٣',
    `${'9'.repeat(30)}T`,
    'constructor',
  ]) {
    expect(() => byteSize(text), text).toThrow(InvalidArgumentError);
    expect(() => byteSize(text), text).toThrow('as in 500M or 2G');
  }
});

it('normalises names, and says in a sentence what is wrong with others', () => {
  expect(roomName('cafe\u0301')).toBe('caf\u00e9');
  expect(nickName('ann')).toBe('ann');
  for (const [parse, text] of [
    [roomName, '../x'],
    [roomName, ''],
    [nickName, 'SERVER'],
    [nickName, 'a b'],
  ] as const) {
    expect(() => parse(text), text).toThrow(InvalidArgumentError);
    expect(() => parse(text), text).toThrow(/^[A-Z].*\.$/);
  }
});
