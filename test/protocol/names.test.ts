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

  it('is measured before it is normalised, and still may be written in as many pieces as make it up', () => {
    // Four characters that are one in NFC, and two of two units each.
    for (const character of ['\u03b1\u0313\u0300\u0345', '\u{11099}\u{110ba}']) {
      expect(accepted(parseRoomName, character.repeat(64))).toBe(character.repeat(64).normalize('NFC'));
    }
    expect(() => parseNick(`x${'\u0345\u0301'.repeat(500_000)}`)).toThrow(/too long/);
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

describe('marks on a letter of a nick', () => {
  it.each([
    ['Vietnamese, in pieces', 'Nguye\u0302\u0303n'],
    ['Thai', 'ก\u0e34\u0e48ง\u0e49'],
    ['Devanagari', 'ल\u0915\u094d\u0937\u094d\u092e\u0940\u0902'],
    ['Hebrew with points and a cantillation mark', '\u05e9\u05c1\u05bc\u05b8\u0591'],
    ['Arabic', 'مُحَمَّدٌ'],
    ['Burmese, with five marks of which two take no space', '\u1019\u103b\u103e\u1031\u102c\u103a'],
    ['Tibetan', 'བསྒྲུབས'],
    ['four', `a${'\u0323'.repeat(4)}b${'\u0301\u0302\u0303\u0304'}`],
  ])('may be those of %s', (_, nick) => {
    expect(accepted(parseNick, nick)).toBe(nick.normalize('NFC'));
  });

  it.each([
    ['five', `a${'\u0331'.repeat(5)}`],
    ['five after a letter that has one of its own', `\u00e9${'\u0301'.repeat(5)}`],
    ['31', `a${'\u0e47'.repeat(31)}`],
    ['five that enclose', `a${'\u20dd'.repeat(5)}`],
  ])('may not be %s', (_, nick) => {
    expect(accepted(parseNick, nick)).toBeUndefined();
  });
});

describe('nicks', () => {
  it.each(['server', 'SERVER', 'Server', 'ｓｅｒｖｅｒ'])('%s is the server’s', (nick) => {
    expect(accepted(parseNick, nick)).toBeUndefined();
    expect(accepted(parseRoomName, nick)).toBeDefined();
  });

  it.each([
    ['s\u0435rv\u0435r', 'with Cyrillic e'],
    ['ѕегvег', 'in Cyrillic but for v'],
    ['\u054f\u0395\u13a1\u13d9\u0395\u13a1', 'in Armenian, Greek and Cherokee capitals'],
    ['ꓢꓰꓣꓦꓰꓣ', 'in Lisu'],
    ['ꜱᴇʀᴠᴇʀ', 'in small capitals'],
    ['𝓼𝓮𝓻𝓿𝓮𝓻', 'in mathematical letters'],
    ['\u0430dmin', 'with Cyrillic a'],
    ['ΑDΜΙΝ', 'in Greek but for D'],
    ['ADM1N', 'with a one'],
    ['admln', 'with a small l'],
    ['adrnin', 'with rn for m'],
    ['adm\u0131n', 'with an i without a dot'],
    ['admi\u0307n', 'with a dot on the dot'],
    ['ADM\u0130N', 'with a Turkish capital'],
    ['ａｄｍｉｎ', 'in full width'],
  ])('%s is nobody’s: %s', (nick) => {
    expect(accepted(parseNick, nick)).toBeUndefined();
    expect(accepted(parseRoomName, nick)).toBeDefined();
  });

  it.each([
    'admin',
    'Admin',
    'ADMIN',
    'admins',
    'observer',
    'servers',
    'serveur',
    'sérver',
    'админ',
    'сервер',
    'amdin',
  ])('%s is anybody’s', (nick) => {
    expect(accepted(parseNick, nick)).toBe(nick);
  });

  it('that are too long to be one are not worth folding', () => {
    const long = `A${'\u0345\u0301'.repeat(500_000)}`;
    expect(foldNick(long)).toBe(long);
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
