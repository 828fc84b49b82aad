import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BadField,
  comesBack,
  decodeLine,
  ERROR_CLOSE_CODES,
  encodeAuthor,
  encodeLine,
  encodeMembers,
  encodeMessage,
  encodeNotice,
  isErrorCode,
  linesOf,
} from '../../src/protocol/index.ts';

// The server's lines, one line each whatever they hold; the table of codes; and how a frame falls into lines.

const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('the answer to who', () => {
  const members = (count: number, nick: string) => Array.from({ length: count }, (_, i) => ({ id: `id-${i}`, nick }));

  it('is a line like the others, and lists at most 1,000', () => {
    const all = members(1_200, 'bob');
    const line = encodeMembers(all, 1_200);
    expect(line).toBe(encodeLine({ type: 'members', members: all.slice(0, 1_000), present: 1_200 }));
    expect(decodeLine(line)).toEqual({ type: 'members', members: all.slice(0, 1_000), present: 1_200 });
    expect(encodeMembers([], 0)).toBe('{"type":"members","members":[],"present":0}\n');
  });

  it('lists as many as a frame holds', () => {
    const nick = '\u{1d4b3}'.repeat(32);
    const line = encodeMembers(members(1_000, nick), 1_000);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(64 * 1024);
    expect(Buffer.byteLength(line)).toBeGreaterThan(64 * 1024 - 200);
    const decoded = decodeLine(line);
    expect(decoded?.type === 'members' && decoded.members.every((member) => member.nick === nick)).toBe(true);
  });
});

describe('a line of the log', () => {
  it('is what PROTOCOL shows, field by field', () => {
    expect(encodeMessage(12, 1_763_798_400_000, encodeAuthor('abc', 'bob'), 'hi', 'x1')).toBe(
      '{"type":"message","seq":12,"at":1763798400000,"id":"abc","nick":"bob","text":"hi","ref":"x1"}\n',
    );
    expect(encodeMessage(1, 2, encodeAuthor('a', 'b'), '', undefined)).not.toContain('ref');
    expect(encodeNotice(13, 1_763_798_400_000, 'restarting')).toBe(
      '{"type":"notice","seq":13,"at":1763798400000,"text":"restarting"}\n',
    );
  });

  it('is one line, holds no control byte, and decodes to what it was, whatever the text', () => {
    fc.assert(
      fc.property(anyText, anyText, (text, ref) => {
        const line = encodeMessage(1, 2, encodeAuthor('id', 'nick'), text, ref);
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(decodeLine(line)).toEqual({ type: 'message', seq: 1, at: 2, id: 'id', nick: 'nick', text, ref });
        expect(decodeLine(encodeNotice(1, 2, text))).toEqual({ type: 'notice', seq: 1, at: 2, text });
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a line of the server', () => {
  const lines = [
    { type: 'key', key: 'secret' },
    { type: 'live', seq: 13 },
    { type: 'joined', at: 1, id: 'i', nick: 'bob' },
    { type: 'left', at: 1, id: 'i', nick: 'bob' },
    { type: 'renamed', at: 1, id: 'i', nick: 'bobby', was: 'bob' },
    { type: 'crowd', at: 1, joined: 57, left: 3, present: 1_204 },
    { type: 'members', members: [{ id: 'i', nick: 'bob' }], present: 1 },
    { type: 'direct', at: 1, text: 'psst\n\u001b' },
    { type: 'pong' },
    { type: 'error', code: 'too_long', message: 'Too long.', ref: 'x1' },
  ] as const;

  it.each(lines)('$type is decoded as it was encoded', (line) => {
    const encoded = encodeLine(line);
    expect(encoded.indexOf('\n')).toBe(encoded.length - 1);
    expect(decodeLine(encoded)).toEqual(line);
  });

  it.each(lines)('$type without one of its fields is refused by BadField', (line) => {
    for (const field of Object.keys(line).filter((name) => name !== 'ref')) {
      const rest = Object.fromEntries(Object.entries(line).filter(([name]) => name !== field));
      expect(() => decodeLine(JSON.stringify(rest))).toThrow(BadField);
    }
  });

  it('of an unknown type is passed over, and an unknown code is known as that', () => {
    expect(decodeLine('{"type":"weather","sky":"blue"}')).toBeUndefined();
    expect(decodeLine('{"type":"error","code":"novel","message":"m"}')).toMatchObject({ code: 'unknown' });
  });

  it('whatever it is, is refused by BadField alone', () => {
    const types = fc.constantFrom(...lines.map(({ type }) => type), 'welcome', 'message', 'notice', '__proto__');
    const fields = fc.dictionary(
      fc.constantFrom(
        'seq',
        'at',
        'id',
        'nick',
        'text',
        'members',
        'present',
        'code',
        'message',
        'protocol',
        '__proto__',
      ),
      fc.jsonValue({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(types, fields, (type, rest) => {
        try {
          decodeLine(JSON.stringify({ ...rest, type }));
        } catch (error) {
          expect(error).toBeInstanceOf(BadField);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('codes', () => {
  it('close as the table of the page says', () => {
    expect(ERROR_CLOSE_CODES).toEqual({
      bad_request: 4400,
      password_required: 4401,
      password_wrong: 4401,
      kicked: 4403,
      banned: 4403,
      join_timeout: 4408,
      nick_taken: undefined,
      replaced: 4410,
      unprotected: 4412,
      throttled: 4429,
      damaged: 4500,
      resume_invalid: undefined,
      epoch_changed: undefined,
      too_long: undefined,
      not_saved: undefined,
      going_away: 1012,
      overloaded: 1013,
    });
  });

  it('are known by their own names alone', () => {
    expect(isErrorCode('kicked')).toBe(true);
    for (const code of ['', 'toString', '__proto__', 'KICKED']) expect(isErrorCode(code)).toBe(false);
  });

  it('after which a client comes back are 1001, 1006, 1011, 1012 and 1013', () => {
    const back = Array.from({ length: 5_000 }, (_, code) => code).filter(comesBack);
    expect(back).toEqual([1001, 1006, 1011, 1012, 1013]);
  });
});

describe('a frame', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\nb', ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['\n\n a \n\n', ['a']],
  ])('%j falls into %j', (frame, lines) => {
    expect([...linesOf(frame)]).toEqual(lines);
  });
});
