// RFC 6455 §5.4: fragmentation. Both roles; each case fed whole, in pieces, byte by byte and with bytes after it.
//
// | rule of §5.4                                                        | tests                          |
// |---------------------------------------------------------------------|--------------------------------|
// | a message is one or more frames; fragments in order                 | any cut, empty fragments       |
// | control frames MAY come between fragments, MUST NOT be fragmented   | pings between; control.test.ts |
// | fragments of one message MUST NOT be interleaved with another's     | new message before the end     |
// | a continuation MUST follow a message's first frame                  | continuation without a message |
// | §10.4: limits                                                       | fragments, CVE-2026-48779      |
import { expect, test } from 'vitest';
import { expectFailure, feed, frame, ROLES, run } from '../wire.ts';

for (const { role, peer } of ROLES) {
  test(`§5.4 a ${role} puts a message together from two frames cut anywhere`, () => {
    const text = Buffer.from('κόσμε in two frames');
    for (let cut = 0; cut <= text.length; cut++) {
      for (const opcode of [1, 2]) {
        const outcome = run(role, [
          frame(peer, { fin: false, opcode, payload: text.subarray(0, cut) }),
          frame(peer, { opcode: 0, payload: text.subarray(cut) }),
        ]);
        expect(outcome.messages).toEqual([{ text: text.toString('latin1'), binary: opcode === 2 }]);
        expect(outcome.sent).toEqual([]);
      }
    }
  });

  test(`§5.4 a ${role} takes empty fragments anywhere, and a message of nothing else`, () => {
    const empty = frame(peer, { fin: false, opcode: 0 });
    const outcome = run(role, [
      frame(peer, { fin: false, opcode: 1 }),
      empty,
      frame(peer, { fin: false, opcode: 0, payload: 'a' }),
      empty,
      frame(peer, { opcode: 0 }),
      frame(peer, { fin: false, opcode: 2 }),
      empty,
      frame(peer, { opcode: 0 }),
    ]);
    expect(outcome.messages).toEqual([
      { text: 'a', binary: false },
      { text: '', binary: true },
    ]);
  });

  test(`§5.4 a ${role} answers pings between fragments at once, and keeps the message whole`, () => {
    const wire = [
      frame(peer, { fin: false, opcode: 1, payload: 'one ' }),
      frame(peer, { opcode: 9, payload: 'p1' }),
      frame(peer, { fin: false, opcode: 0, payload: 'two ' }),
      frame(peer, { opcode: 10, payload: 'unasked' }),
      frame(peer, { opcode: 9, payload: Buffer.alloc(125, 'p') }),
      frame(peer, { opcode: 0, payload: 'three' }),
    ];
    const outcome = run(role, wire);
    expect(outcome.messages).toEqual([{ text: 'one two three', binary: false }]);
    expect(outcome.sent.map((sent) => sent.opcode)).toEqual([10, 10]);
    const early = run(role, wire.slice(0, 2));
    expect(early.sent[0]?.payload.toString()).toBe('p1');
  });

  test(`§5.4 a ${role} fails on a new message before the last fragment`, () => {
    for (const opcode of [1, 2]) {
      for (const fin of [true, false]) {
        const outcome = run(role, [
          frame(peer, { fin: false, opcode: 1, payload: 'a' }),
          frame(peer, { fin, opcode, payload: 'b' }),
          frame(peer, { opcode: 0, payload: 'c' }),
        ]);
        expectFailure(outcome, 1002);
        expect(outcome.messages).toEqual([]);
      }
    }
  });

  test(`§5.4 a ${role} fails on a continuation without a message`, () => {
    for (const fin of [true, false]) {
      for (const payload of ['', 'x']) {
        expectFailure(run(role, frame(peer, { fin, opcode: 0, payload })), 1002);
        const after = [frame(peer, { opcode: 1, payload: 'whole' }), frame(peer, { fin, opcode: 0, payload })];
        const outcome = run(role, after);
        expectFailure(outcome, 1002);
        expect(outcome.messages.length).toBe(1);
      }
    }
  });

  test(`§5.4 a ${role} closes properly in the middle of a fragmented message`, () => {
    const outcome = run(role, [
      frame(peer, { fin: false, opcode: 1, payload: 'never finished' }),
      frame(peer, { opcode: 8, payload: Buffer.from([3, 232]) }),
    ]);
    expect(outcome.close).toEqual({ code: 1000, reason: '' });
    expect(outcome.messages).toEqual([]);
  });

  test(`§10.4 CVE-2026-48779 a ${role} fails on more fragments than its limit, empty ones too`, () => {
    const limits = { maxMessage: 1_000_000, maxFragments: 128 };
    for (const payload of ['', 'x']) {
      const wire = [frame(peer, { fin: false, opcode: 2, payload })];
      for (let i = 1; i < 128; i++) wire.push(frame(peer, { fin: false, opcode: 0, payload }));
      const atLimit = [...wire.slice(0, -1), frame(peer, { opcode: 0, payload })];
      expect(run(role, atLimit, { limits }).messages.length).toBe(1);
      expect(run(role, wire, { limits }).close).toBeUndefined();
      expectFailure(run(role, [...wire, frame(peer, { opcode: 0, payload })], { limits }), 1009);
    }
  });

  test(`§10.4 a ${role} counts the fragments of each message anew`, () => {
    const limits = { maxMessage: 1000, maxFragments: 3 };
    const message = [
      frame(peer, { fin: false, opcode: 1, payload: 'a' }),
      frame(peer, { fin: false, opcode: 0, payload: 'b' }),
      frame(peer, { opcode: 0, payload: 'c' }),
    ];
    const outcome = run(role, Array.from({ length: 50 }, () => message).flat(), { limits });
    expect(outcome.messages.length).toBe(50);
    expect(outcome.close).toBeUndefined();
  });

  test(`§5.4 a ${role} takes 4 MiB in 65,536 fragments of 64 bytes, in linear time`, () => {
    const piece = Buffer.alloc(64, 'fragment');
    const first = frame(peer, { fin: false, opcode: 1, payload: piece });
    const middle = frame(peer, { fin: false, opcode: 0, payload: piece });
    const last = frame(peer, { opcode: 0, payload: piece });
    const wire = Buffer.concat([first, ...Array.from({ length: 65_534 }, () => middle), last]);
    for (const size of [65_536, 61]) {
      const outcome = feed(role, wire, size);
      expect(outcome.messages[0]?.text.length).toBe(4 * 1024 * 1024);
      expect(outcome.close).toBeUndefined();
    }
  });
}
