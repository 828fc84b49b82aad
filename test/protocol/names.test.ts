import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldNick, NameError, numberedNick, parseNick, parseRoomName } from '../../src/protocol/index.ts';

// Which names are allowed, and when two of them are one.

const accepted = (parse: (name: string) => string, name: string): string | undefined => {
  try {
    return parse(name);
  } catch (error) {
    if (error instanceof NameError) return undefined;
    throw error;
  }
};

describe('a name', () => {
  it.each(['bob', 'Ünï-code_1.x', '美咲', 'נועה', 'देवी', '٣٤', '𝒳𝒴'])('may be %s', (name) => {
    expect(parseNick(name)).toBe(name.normalize('NFC'));
    expect(parseRoomName(name)).toBe(name.normalize('NFC'));
  });

  it.each([
    ['empty', ''],
    ['a leading dot', '.x'],
    ['a space', 'a b'],
    ['a slash', 'a/b'],
    ['a backslash', 'a\\b'],
    ['NUL', 'a\0b'],
    ['a newline', 'a\nb'],
    ['an escape', '\u001b[2J'],
    ['a bidi override', 'a\u202eb'],
    ['a zero-width space', 'a\u200bb'],
    ['a zero-width joiner', 'a\u200db'],
    ['a filler that is a letter', '\u3164'],
    ['a mark without a letter', '\u0301a'],
    ['half a character', 'a\ud800'],
    ['an emoji', '💬'],
    ['a percent sign', '%2e'],
  ])('may not have %s', (_, name) => {
    expect(accepted(parseNick, name)).toBeUndefined();
    expect(accepted(parseRoomName, name)).toBeUndefined();
  });

  it('has at most 32 characters as a nick and 64 as a room, counted as characters in NFC', () => {
    for (const [parse, most] of [
      [parseNick, 32],
      [parseRoomName, 64],
    ] as const) {
      for (const character of ['x', '𝒳', 'e\u0301']) {
        expect(accepted(parse, character.repeat(most))).toBeDefined();
        expect(accepted(parse, character.repeat(most + 1))).toBeUndefined();
      }
    }
  });

  it('whatever the text, is refused by NameError alone, and stays what it is when parsed again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        for (const parse of [parseNick, parseRoomName]) {
          const name = accepted(parse, text);
          if (name !== undefined) expect(parse(name)).toBe(name);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('nicks', () => {
  it.each(['server', 'SERVER', 'Server', 'ｓｅｒｖｅｒ'])('%s is the server’s', (nick) => {
    expect(accepted(parseNick, nick)).toBeUndefined();
    expect(accepted(parseRoomName, nick)).toBeDefined();
  });

  it.each([
    ['Bob', 'BOB'],
    ['straße', 'STRASSE'],
    ['straße', 'STRAẞE'],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
    ['ｂｏｂ', 'bob'],
    ['Zo\u00eb', 'ZOE\u0308'],
  ])('%s and %s are one', (one, other) => {
    expect(foldNick(one)).toBe(foldNick(other));
  });

  it('that differ in more than case are two', () => {
    expect(foldNick('bob')).not.toBe(foldNick('bop'));
    expect(foldNick('e')).not.toBe(foldNick('é'));
  });

  it('fold to what folds to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 32 }), (text) => {
        const nick = accepted(parseNick, text);
        if (nick !== undefined) expect(foldNick(foldNick(nick))).toBe(foldNick(nick));
      }),
      { numRuns: 5_000 },
    );
  });

  it('fold to what folds to itself and every case of itself, each character alone', () => {
    const strays: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      const folded = foldNick(character);
      const isOne = [folded, character.toUpperCase(), character.toLowerCase()].every((one) => foldNick(one) === folded);
      if (!isOne) strays.push(character);
    }
    expect(strays).toEqual([]);
  });

  it('keep within the limit with a number behind them', () => {
    expect(numberedNick('bob', 2)).toBe('bob2');
    for (const nick of ['x'.repeat(32), '𝒳'.repeat(32)]) {
      const numbered = numberedNick(nick, 123);
      expect([...numbered]).toHaveLength(32);
      expect(numbered.endsWith('123')).toBe(true);
      expect(accepted(parseNick, numbered)).toBeDefined();
    }
  });
});
