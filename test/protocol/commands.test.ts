import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Command, decodeCommand, encodeCommand, ProtocolError } from '../../src/protocol/index.ts';

// What a client's line means, and that no line whatever is answered by anything but a command or a ProtocolError.

/** Inputs for each property; a soak sets more. */
const RUNS = Number(process.env.ROOMCHAT_FUZZ_RUNS ?? 20_000);

function refusal(line: string): { code: string; ref: string | undefined } | undefined {
  try {
    decodeCommand(line);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { code: error.code, ref: error.ref };
  }
}

describe('a command', () => {
  const resume = { id: 'i', key: 'k', attempt: 2 };
  const commands: Command[] = [
    { type: 'join' },
    { type: 'join', nick: 'bob', password: 'p', since: 5, epoch: 'e', resume, as: 'speaker' },
    { type: 'join', last: 0 },
    { type: 'join', protected: true },
    { type: 'join', claim: 'ä'.repeat(16) },
    { type: 'say', text: 'hi' },
    { type: 'say', text: '', ref: 'x1' },
    { type: 'nick', nick: 'bobby' },
    { type: 'who' },
    { type: 'ping' },
    { type: 'join', owner: 'k' },
    { type: 'kick', nick: 'bob', reason: 'spam' },
    { type: 'ban', id: 'i', for: 60 },
    { type: 'unban', nick: 'bob' },
    { type: 'mute', nick: 'bob', for: 1 },
    { type: 'unmute', id: 'i' },
    { type: 'password', password: 'p' },
    { type: 'set', topic: '', readonly: false, slow: 0 },
    { type: 'set' },
  ];

  it.each(commands)('%j is what it was when encoded', (command) => {
    expect(decodeCommand(encodeCommand(command))).toEqual(command);
  });

  it('has none of the fields that are not known', () => {
    expect(decodeCommand('{"type":"say","text":"hi","mood":1,"__proto__":{"ref":"x"}}')).toEqual({
      type: 'say',
      text: 'hi',
    });
  });

  it('that is told not to demand a password demands none', () => {
    expect(decodeCommand('{"type":"join","protected":false}')).toEqual({ type: 'join' });
  });

  it('is refused as bad_request where a field is wrong, and never by what is inherited', () => {
    for (const line of [
      '',
      'x',
      '[]',
      'null',
      '7',
      '"say"',
      '{}',
      '{"type":null}',
      '{"type":"join","claim":1}',
      `{"type":"join","claim":"${'c'.repeat(15)}"}`,
      `{"type":"join","claim":"${'c'.repeat(65)}"}`,
      '{"type":{"toString":1}}',
      '{"type":"constructor"}',
      '{"type":"__proto__"}',
      '{"type":"say"}',
      '{"__proto__":{"type":"who"}}',
      '{"type":"say","text":["a"]}',
      '{"type":"say","text":"\\udc00"}',
      '{"type":"say","text":"x","ref":""}',
      '{"type":"join","since":1,"last":1}',
      '{"type":"join","since":9007199254740992}',
      '{"type":"join","last":1e400}',
      '{"type":"join","resume":{"id":"i","key":"k"}}',
      '{"type":"join","resume":{"id":"i","key":"k","attempt":-1}}',
      '{"type":"join","as":"member"}',
      '{"type":"join","protected":"yes"}',
      '{"type":"join","nick":"server"}',
      '{"type":"nick"}',
      '{"type":"kick"}',
      '{"type":"kick","id":"i","nick":"bob"}',
      `{"type":"kick","nick":"${'b'.repeat(65)}"}`,
      '{"type":"mute","nick":"bob"}',
      '{"type":"mute","nick":"bob","for":0}',
      '{"type":"ban","nick":"bob","for":315360001}',
      '{"type":"password"}',
      '{"type":"password","password":""}',
      `{"type":"set","topic":"${'t'.repeat(513)}"}`,
      '{"type":"set","readonly":"on"}',
      '{"type":"set","slow":86401}',
      `{"type":"join","owner":"${'k'.repeat(65)}"}`,
      `{"type":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    ]) {
      expect([line, refusal(line)?.code]).toEqual([line, 'bad_request']);
    }
  });

  it('that says too much is refused as too_long, with its ref', () => {
    const say = (text: string) => refusal(JSON.stringify({ type: 'say', text, ref: 'r' }));
    expect(say('x'.repeat(16 * 1024))).toBeUndefined();
    expect(say('x'.repeat(16 * 1024 + 1))).toEqual({ code: 'too_long', ref: 'r' });
    expect(say('\u20ac'.repeat(5_461))).toBeUndefined();
    expect(say('\u20ac'.repeat(5_462))).toEqual({ code: 'too_long', ref: 'r' });
  });
});

describe('whatever comes', () => {
  const types = fc.constantFrom(
    'join',
    'say',
    'nick',
    'who',
    'ping',
    'kick',
    'mute',
    'password',
    'set',
    'toString',
    '__proto__',
    'constructor',
  );
  const field = fc.constantFrom(
    'nick',
    'password',
    'protected',
    'since',
    'last',
    'epoch',
    'resume',
    'as',
    'text',
    'ref',
    'id',
    'for',
    'topic',
    'readonly',
    'slow',
    'owner',
    '__proto__',
  );
  const shaped = fc
    .tuple(types, fc.dictionary(field, fc.jsonValue({ maxDepth: 3 })))
    .map(([type, fields]) => JSON.stringify({ ...fields, type }));
  const inputs = fc.oneof(
    { weight: 4, arbitrary: shaped },
    { weight: 2, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    // A valid line, cut off or with a piece of it replaced.
    {
      weight: 3,
      arbitrary: fc
        .tuple(shaped, fc.nat(60), fc.nat(5), fc.string({ unit: 'binary', maxLength: 5 }))
        .map(([line, at, length, piece]) => line.slice(0, at) + piece + line.slice(at + length)),
    },
  );

  it(`is a command or a ProtocolError that closes as the table says: ${RUNS} inputs`, () => {
    fc.assert(
      fc.property(inputs, (line) => {
        const refused = refusal(line);
        if (refused !== undefined) expect(['bad_request', 'too_long']).toContain(refused.code);
        else expect(decodeCommand(encodeCommand(decodeCommand(line)))).toEqual(decodeCommand(line));
      }),
      { numRuns: RUNS },
    );
  }, 600_000);
});
