// RFC 6455 §5.1 to §5.3, §5.6, §5.8, §10.4: frames, masking, lengths. Both roles; each case fed whole, in pieces, byte by
// byte and with bytes after it.
//
// | clause | what                                              | clause | what                                        |
// |--------|---------------------------------------------------|--------|---------------------------------------------|
// | §5.1   | MUST mask / MUST NOT mask, failure either way     | §5.3   | key fresh and unforeseeable; MUST be applied |
// | §5.2   | RSV bits, unknown opcodes MUST fail               | §5.6   | text and binary                             |
// | §5.2   | lengths: 7, 16, 64 bits; minimal; MSB 0           | §5.7   | the RFC's own examples                      |
// | §5.8   | extension data only where negotiated              | §10.4  | limits on frames and messages: 1009         |
import { expect, test } from 'vitest';
import { Connection } from '../../../src/websocket/connection.ts';
import { expectFailure, feed, frame, GENEROUS, ROLES, readFrames, run } from '../wire.ts';

const SIZES = [0, 1, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537, 1_048_576, 5_000_000];

for (const { role, peer } of ROLES) {
  test(`§5.1 a ${role} fails on a frame that is ${role === 'server' ? 'not masked' : 'masked'}`, () => {
    for (const opcode of [0, 1, 2, 8, 9, 10]) {
      expectFailure(run(role, frame(peer, { opcode, payload: Buffer.from([3, 232]), mask: role !== 'server' })), 1002);
    }
  });

  test(`§5.1 what a ${role} sends is ${role === 'client' ? 'masked' : 'not masked'}`, () => {
    const outcome = run(role, [frame(peer, { opcode: 9, payload: 'x' }), frame(peer, { opcode: 8 })], {
      before: (connection) => {
        connection.sendMessage(Buffer.from('text'), false);
        connection.sendMessage(Buffer.alloc(5000, 1), true);
        connection.sendPing(Buffer.from('ping'));
      },
    });
    expect(outcome.sent.map((sent) => sent.opcode)).toEqual([1, 2, 9, 10, 8]);
    expect(outcome.sent.map((sent) => sent.masked)).toEqual(outcome.sent.map(() => role === 'client'));
  });

  test(`§5.2 a ${role} fails on each reserved bit that no extension gave a meaning`, () => {
    for (const rsv of [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70]) {
      for (const opcode of [1, 2, 8, 9, 10]) expectFailure(run(role, frame(peer, { rsv, opcode })), 1002);
      const continuation = [frame(peer, { fin: false, opcode: 1 }), frame(peer, { rsv, opcode: 0 })];
      expectFailure(run(role, continuation), 1002);
    }
  });

  test(`§5.2 a ${role} fails on each reserved opcode`, () => {
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
      for (const fin of [true, false]) {
        expectFailure(run(role, frame(peer, { fin, opcode, payload: 'x' })), 1002);
        expectFailure(run(role, [frame(peer, { fin: false, opcode: 1 }), frame(peer, { fin, opcode })]), 1002);
      }
    }
  });

  test(`§5.2 a ${role} fails at a frame's first octet when that is wrong already`, () => {
    for (const first of [0x83, 0x87, 0x8b, 0x8f, 0x08, 0x09, 0x0a]) {
      expectFailure(run(role, Buffer.from([first]), { partial: true }), 1002);
    }
  });

  test(`§5.2 a ${role} reads and writes payloads of every length class`, () => {
    for (const size of SIZES) {
      const payload = Buffer.alloc(size, 'abcdefghijklm');
      for (const opcode of [1, 2]) {
        const outcome = run(role, frame(peer, { opcode, payload }));
        expect(outcome.messages.length).toBe(1);
        expect(outcome.messages[0]?.binary).toBe(opcode === 2);
        expect(outcome.messages[0]?.text === payload.toString('latin1'), `${size} bytes`).toBe(true);
      }
      const sender = new Connection(role, GENEROUS);
      sender.sendMessage(payload, true);
      const wire = Buffer.concat(sender.takeOutput());
      const header = size < 126 ? 2 : size < 65_536 ? 4 : 10;
      expect(wire.length).toBe(size + header + (role === 'client' ? 4 : 0));
      expect(readFrames(wire)[0]?.payload.equals(payload)).toBe(true);
    }
  });

  test(`§5.2 a ${role} takes large frames in pieces of any size, in linear time`, () => {
    for (const [size, length] of [
      [1, 300_000],
      [997, 3_000_000],
      [65_536, 3_000_000],
    ] as const) {
      const payload = Buffer.alloc(length, 'Größe ');
      const wire = frame(peer, { opcode: 2, payload });
      const outcome = feed(role, wire, size);
      expect(outcome.messages[0]?.text === payload.toString('latin1'), `pieces of ${size}`).toBe(true);
    }
  });

  test(`§5.2 a ${role} fails on a length that is not minimally encoded`, () => {
    for (const size of [0, 1, 125]) {
      for (const opcode of [1, 2]) {
        const payload = Buffer.alloc(size, 'a');
        expectFailure(run(role, frame(peer, { opcode, payload, form: 16 })), 1002);
        expectFailure(run(role, frame(peer, { opcode, payload, form: 64 })), 1002);
      }
    }
    for (const size of [126, 65_535]) {
      expectFailure(run(role, frame(peer, { opcode: 2, payload: Buffer.alloc(size), form: 64 })), 1002);
    }
  });

  test(`§5.2 a ${role} fails on a length whose most significant bit is set: 2^63`, () => {
    for (const claim of [2n ** 63n, 2n ** 63n + 5n, 2n ** 64n - 1n]) {
      expectFailure(run(role, frame(peer, { opcode: 2, claim, form: 64 }), { partial: true }), 1002);
    }
  });

  test(`§5.2 CVE-2026-50161 a ${role} fails on the length 0xFFFFFFFFFFFFFFFC`, () => {
    const wire = frame(peer, { opcode: 2, claim: 0xfffffffffffffffcn, form: 64, payload: 'abcd' });
    expectFailure(run(role, wire, { partial: true }), 1002);
  });

  test(`§10.4 CVE-2026-54466 CVE-2026-1528 a ${role} fails on lengths around 2^53, whatever its limit`, () => {
    for (const claim of [2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
      const wire = frame(peer, { opcode: 2, claim, form: 64, payload: 'abcd' });
      expectFailure(run(role, wire, { partial: true }), 1009);
      const continued = [frame(peer, { fin: false, opcode: 2, payload: 'x' })];
      continued.push(frame(peer, { opcode: 0, claim, form: 64 }));
      expectFailure(run(role, continued, { partial: true }), 1009);
    }
  });

  test(`§10.4 CVE-2016-10542 a ${role} fails on a message over the limit at its header, and takes one at the limit`, () => {
    const limits = { maxMessage: 1000, maxFragments: 10 };
    for (const opcode of [1, 2]) {
      const fits = run(role, frame(peer, { opcode, payload: Buffer.alloc(1000, 'a') }), { limits });
      expect(fits.messages.length).toBe(1);
      expectFailure(run(role, frame(peer, { opcode, claim: 1001n }), { limits, partial: true }), 1009);
      const fragments = [
        frame(peer, { fin: false, opcode, payload: Buffer.alloc(600, 'a') }),
        frame(peer, { fin: false, opcode: 0, payload: Buffer.alloc(400, 'a') }),
        frame(peer, { opcode: 0, payload: 'b' }),
      ];
      expectFailure(run(role, fragments, { limits }), 1009);
    }
  });

  test(`§5.6 a ${role} tells text from binary, and takes any octets as binary`, () => {
    const octets = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    expect(run(role, frame(peer, { opcode: 2, payload: octets })).messages).toEqual([
      { text: octets.toString('latin1'), binary: true },
    ]);
    expect(run(role, frame(peer, { opcode: 1, payload: 'text' })).messages).toEqual([{ text: 'text', binary: false }]);
  });

  test(`§5.8 a ${role} without an extension sends no reserved bit`, () => {
    const outcome = run(role, Buffer.alloc(0), { before: (c) => c.sendMessage(Buffer.alloc(5000, 'a'), false) });
    expect(outcome.sent[0]?.rsv).toBe(0);
    expect(outcome.sent[0]?.fin).toBe(true);
  });
}

test('§5.3 the masking key is fresh for each frame, and all of its octets vary', () => {
  const connection = new Connection('client', GENEROUS);
  const keys = new Set<string>();
  const octets = [0, 1, 2, 3].map(() => new Set<number>());
  for (let i = 0; i < 3000; i++) {
    connection.sendPing(Buffer.from('x'));
    const key = Buffer.concat(connection.takeOutput()).subarray(2, 6);
    keys.add(key.toString('hex'));
    for (const [at, seen] of octets.entries()) seen.add(key.readUInt8(at));
  }
  expect(keys.size).toBeGreaterThan(2990);
  for (const seen of octets) expect(seen.size).toBeGreaterThan(250);
});

test('§5.3 sending does not change what the caller gave', () => {
  const data = Buffer.from('the caller keeps this');
  new Connection('client').sendMessage(data, false);
  expect(data.toString()).toBe('the caller keeps this');
});

test("§5.7 the RFC's examples", () => {
  const hello = [{ text: 'Hello', binary: false }];
  expect(run('client', Buffer.from('810548656c6c6f', 'hex')).messages).toEqual(hello);
  expect(run('server', Buffer.from('818537fa213d7f9f4d5158', 'hex')).messages).toEqual(hello);
  expect(run('client', Buffer.from('010348656c80026c6f', 'hex')).messages).toEqual(hello);
  const pong = run('client', Buffer.from('890548656c6c6f', 'hex')).sent;
  expect(pong.map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([[10, 'Hello']]);
  expect(run('server', Buffer.from('8a8537fa213d7f9f4d5158', 'hex')).close).toBeUndefined();
  const prefix = Buffer.from('827e0100', 'hex');
  expect(run('client', Buffer.concat([prefix, Buffer.alloc(256)])).messages[0]?.text.length).toBe(256);
  const long = Buffer.concat([Buffer.from('827f0000000000010000', 'hex'), Buffer.alloc(65_536)]);
  expect(run('client', long).messages[0]?.text.length).toBe(65_536);
});
