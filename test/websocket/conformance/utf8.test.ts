// RFC 6455 §8.1 with §5.6: text is UTF-8, or the connection fails with 1007, at the octet that cannot be mended. Both
// roles; each case fed whole, in pieces, byte by byte and with bytes after it.
//
// | what                                                            | tests                       |
// |-----------------------------------------------------------------|-----------------------------|
// | valid text of every kind, also cut between and within fragments | valid in every split        |
// | over-long forms, surrogates, beyond U+10FFFF, stray, cut off    | invalid in every split      |
// | fails at once, inside an incomplete frame                       | at the very octet           |
import { expect, test } from 'vitest';
import { expectFailure, feed, frame, ROLES, run } from '../wire.ts';

const VALID = [
  '',
  'Hello-µ@ßöäüàá-UTF-8!!',
  'κόσμε',
  '\u0000\u007f\u0080\u07ff\u0800\ud7ff\ue000\ufffd\uffff',
  '\u{10000}\u{fffff}\u{10ffff}',
  '\ufffe\u{1fffe}\u{10fffe}',
  '👩‍👩‍👧‍👦 e\u0301',
];

/** Octets, and how many of them it takes to see that nothing can mend them. */
const INVALID: [hex: string, at: number][] = [
  ['80', 1],
  ['bf', 1],
  ['61bf62', 2],
  ['c080', 1],
  ['c1bf', 1],
  ['c22e', 2],
  ['e08080', 2],
  ['e09fbf', 2],
  ['eda080', 2],
  ['edbfbf', 2],
  ['eda080edb080', 2],
  ['f0808080', 2],
  ['f08fbfbf', 2],
  ['f4908080', 2],
  ['f5808080', 1],
  ['f888808080', 1],
  ['fc8480808080', 1],
  ['fe', 1],
  ['ff', 1],
  ['cebae1bdb9cf83cebcceb5f4908080656469746564', 13],
  ['cebae1bdb9cf83cebcceb5eda080656469746564', 13],
  ['e28228', 3],
  ['f09f98c0', 4],
];
const CUT_OFF = ['c3', 'e2', 'e282', 'f0', 'f09f', 'f09f98', '61f09f98'];

for (const { role, peer } of ROLES) {
  test(`§5.6 a ${role} takes valid text in every split over two fragments`, () => {
    for (const text of VALID) {
      const bytes = Buffer.from(text);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const wire = [
          frame(peer, { fin: false, opcode: 1, payload: bytes.subarray(0, cut) }),
          frame(peer, { opcode: 0, payload: bytes.subarray(cut) }),
        ];
        expect(run(role, wire).messages).toEqual([{ text: bytes.toString('latin1'), binary: false }]);
      }
      expect(run(role, frame(peer, { opcode: 1, payload: bytes })).messages.length).toBe(1);
    }
  });

  test(`§8.1 a ${role} fails on invalid text, whole and in every split over two fragments`, () => {
    for (const hex of [...INVALID.map(([octets]) => octets), ...CUT_OFF]) {
      const bytes = Buffer.from(hex, 'hex');
      expectFailure(run(role, frame(peer, { opcode: 1, payload: bytes })), 1007);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const wire = [
          frame(peer, { fin: false, opcode: 1, payload: bytes.subarray(0, cut) }),
          frame(peer, { opcode: 0, payload: bytes.subarray(cut) }),
        ];
        expectFailure(run(role, wire), 1007);
      }
    }
  });

  test(`§8.1 a ${role} fails at the very octet, inside a frame that is not all there`, () => {
    for (const [hex, at] of INVALID) {
      const bytes = Buffer.from(hex, 'hex');
      // Long prefixes take the native path, short ones the octet by octet.
      for (const prefix of ['', 'ä', 'x'.repeat(100), '€'.repeat(50)]) {
        const before = Buffer.from(prefix);
        const long = frame(peer, {
          opcode: 1,
          payload: Buffer.concat([before, bytes, Buffer.alloc(1000, 'a')]),
        });
        const header = long.length - before.length - bytes.length - 1000;
        const needed = header + before.length + at;
        for (const size of [1, needed]) {
          expect(feed(role, long.subarray(0, needed - 1), size).close, `${hex} a byte early`).toBeUndefined();
          expect(feed(role, long.subarray(0, needed), size).close?.code, hex).toBe(1007);
        }
      }
    }
  });

  test(`§8.1 a ${role} waits for the end of a character that is only cut off`, () => {
    for (const hex of CUT_OFF) {
      const wire = frame(peer, { fin: false, opcode: 1, payload: Buffer.from(hex, 'hex') });
      expect(run(role, wire).close).toBeUndefined();
    }
  });

  test(`§5.6 a ${role} checks each message on its own`, () => {
    const wire = [
      frame(peer, { opcode: 2, payload: Buffer.from([0xe2, 0x82]) }),
      frame(peer, { fin: false, opcode: 2, payload: Buffer.from([0xff]) }),
      frame(peer, { opcode: 0, payload: Buffer.from([0xfe]) }),
      frame(peer, { opcode: 1, payload: '€' }),
    ];
    const outcome = run(role, wire);
    expect(outcome.messages.length).toBe(3);
    expect(outcome.close).toBeUndefined();
  });
}
