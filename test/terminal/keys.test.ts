import { describe, expect, it } from 'vitest';
import { type Key, KeyDecoder } from '../../src/terminal/keys.ts';

const text = (typed: string): Key => ({ type: 'text', text: typed });
const paste = (pasted: string): Key => ({ type: 'paste', text: pasted });
const action = (name: Extract<Key, { type: 'action' }>['action']): Key => ({ type: 'action', action: name });

/** The keys with neighbouring texts joined: where a read ends, a text may be two. */
function joined(keys: readonly Key[]): Key[] {
  const all: Key[] = [];
  for (const key of keys) {
    const last = all.at(-1);
    if (key.type === 'text' && last?.type === 'text') all.splice(-1, 1, text(last.text + key.text));
    else all.push(key);
  }
  return all;
}

/** What `input` comes to, which must be the same whole, unit by unit, and with more behind it. */
function decode(input: string): Key[] {
  const whole = joined(new KeyDecoder().decode(input));
  const slow = new KeyDecoder();
  expect(joined([...input].flatMap((unit) => slow.decode(unit)))).toEqual(whole);
  expect(joined(new KeyDecoder().decode(`${input}\x03`))).toEqual([...whole, action('interrupt')]);
  return whole;
}

describe('KeyDecoder', () => {
  it.each<[string, Key[]]>([
    ['hallo 你好 👋', [text('hallo 你好 👋')]],
    ['a\rb\n', [text('a'), action('submit'), text('b'), action('submit')]],
    ['\x1b[D\x1bOC\x1b[1;5D\x1bf', [action('left'), action('right'), action('word-left'), action('word-right')]],
    [
      '\x1b[3~\x7f\x17\x1b\x7f',
      [action('erase-right'), action('erase-left'), action('erase-word'), action('erase-word')],
    ],
    ['\x1b\ra', [action('newline'), text('a')]],
    ['x\x1b[38;5;1my', [text('xy')]],
    ['\x1b[[Ax', [text('x')]],
    ['\x1b\x1b[A', [action('previous')]],
    ['\x1b[1\x01x', [text('[1'), action('home'), text('x')]],
    ['\x1b[200~\x1b[201~', [paste('')]],
    ['\x1b[200~a\rb\r\nc\nd\r\x1b[201~e', [paste('a\nb\nc\nd'), text('e')]],
    ['\x1b[200~\x03\x1b[A\x1b[201\x1b[201~', [paste('\x03\x1b[A\x1b[201')]],
  ])('takes %j', (input, keys) => {
    expect(decode(input)).toEqual(keys);
  });

  it('waits for the rest of a sequence, and settles for an Escape where none comes', () => {
    const keys = new KeyDecoder();
    expect(keys.decode('a\x1b')).toEqual([text('a')]);
    expect(keys.waits).toBe(true);
    expect(keys.settle()).toEqual([]);
    expect(keys.waits).toBe(false);
    expect(keys.decode('[A')).toEqual([text('[A')]);
    keys.decode('\x1b[');
    expect(keys.settle()).toEqual([text('[')]);
  });

  it('does not settle within a paste', () => {
    const keys = new KeyDecoder();
    keys.decode('\x1b[200~a\x1b');
    expect(keys.waits).toBe(false);
    expect(keys.settle()).toEqual([]);
    expect(keys.decode('[201~')).toEqual([paste('a')]);
  });

  it('keeps a bounded part of a paste without an end', () => {
    const keys = new KeyDecoder();
    keys.decode('\x1b[200~');
    for (let i = 0; i < 64; i++) keys.decode('x'.repeat(64 * 1024));
    const [pasted] = keys.decode('\x1b[201~');
    expect(pasted).toEqual(paste('x'.repeat(256 * 1024)));
  });
});
