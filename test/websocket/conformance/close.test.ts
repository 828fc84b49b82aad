// RFC 6455 §5.5.1 and §7: Close frames, codes, reasons, and failing a connection. Both roles; each case fed whole, in
// pieces, byte by byte and with bytes after it. What TCP does then is in websocket.test.ts.
//
// | clause | what                                              | clause | what                                       |
// |--------|---------------------------------------------------|--------|--------------------------------------------|
// | §5.5.1 | MUST answer with a Close, once; echo of the code  | §7.1.5 | the connection's close code: 1005, 1006    |
// | §5.5.1 | MUST NOT send data after a Close                  | §7.1.6 | the reason                                 |
// | §5.5.1 | a body starts with a code of 2 bytes; UTF-8       | §7.1.7 | failing: say why, read nothing more        |
// | §7.1.2 | starting the handshake; both at once              | §7.4   | which codes may be on the wire             |
import { expect, test } from 'vitest';
import { Connection } from '../../../src/websocket/connection.ts';
import { expectFailure, feed, frame, GENEROUS, ROLES, readFrames, run } from '../wire.ts';

const ALLOWED = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const FORBIDDEN = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

function body(code: number, reason: string | Buffer = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
}

for (const { role, peer } of ROLES) {
  test(`§5.5.1 §7.4 a ${role} takes and echoes every code that may be sent`, () => {
    for (const code of ALLOWED) {
      const outcome = run(role, frame(peer, { opcode: 8, payload: body(code, 'because') }));
      expect(outcome.close).toEqual({ code, reason: 'because' });
      expect(outcome.sent.map((sent) => [sent.opcode, sent.payload.readUInt16BE(0)])).toEqual([[8, code]]);
    }
  });

  test(`§7.4 a ${role} fails on every code that must not be sent`, () => {
    for (const code of FORBIDDEN) {
      expectFailure(run(role, frame(peer, { opcode: 8, payload: body(code) })), 1002);
      expectFailure(run(role, frame(peer, { opcode: 8, payload: body(code, 'reason') })), 1002);
      const connection = new Connection(role, GENEROUS);
      if (code !== 1005) expect(() => connection.sendClose(code, '')).toThrow(RangeError);
      expect(connection.state).toBe('open');
    }
  });

  test(`§7.1.5 a ${role} takes a Close frame without a body for 1005, and answers with one`, () => {
    const outcome = run(role, frame(peer, { opcode: 8 }));
    expect(outcome.close).toEqual({ code: 1005, reason: '' });
    expect(outcome.sent.map((sent) => [sent.opcode, sent.payload.length])).toEqual([[8, 0]]);
  });

  test(`§5.5.1 a ${role} fails on a body of one byte`, () => {
    for (const octet of [0x00, 0x03, 0xff]) {
      expectFailure(run(role, frame(peer, { opcode: 8, payload: Buffer.from([octet]) })), 1002);
    }
  });

  test(`§5.5.1 §7.1.6 a ${role} takes reasons of up to 123 bytes of UTF-8`, () => {
    for (const reason of ['', 'x', 'ö'.repeat(61), '😀'.repeat(30), 'y'.repeat(123)]) {
      expect(run(role, frame(peer, { opcode: 8, payload: body(1000, reason) })).close).toEqual({ code: 1000, reason });
    }
    expectFailure(run(role, frame(peer, { opcode: 8, payload: body(1000, 'y'.repeat(124)) })), 1002);
  });

  test(`§5.5.1 §8.1 a ${role} fails on a reason that is not UTF-8`, () => {
    for (const hex of [
      'ff',
      'c0af',
      'eda080',
      'f4908080',
      'cebae1bdb9cf83cebcceb5eda080656469746564',
      'e2',
      'f09f98',
    ]) {
      expectFailure(run(role, frame(peer, { opcode: 8, payload: body(1000, Buffer.from(hex, 'hex')) })), 1007);
    }
  });

  test(`§5.5.1 a ${role} discards whatever comes after a Close frame`, () => {
    const close = frame(peer, { opcode: 8, payload: body(1000) });
    for (const after of [
      frame(peer, { opcode: 1, payload: 'late' }),
      frame(peer, { opcode: 9, payload: 'late' }),
      frame(peer, { opcode: 8, payload: body(1002) }),
      frame(peer, { opcode: 5, rsv: 0x70 }),
      Buffer.from('anything at all'),
    ]) {
      const outcome = run(role, [close, after]);
      expect(outcome.close).toEqual({ code: 1000, reason: '' });
      expect(outcome.messages).toEqual([]);
      expect(outcome.sent.length).toBe(1);
    }
  });

  test(`§5.5.1 a ${role} that began the closing sends no second Close and takes the peer's code`, () => {
    const answered = run(role, frame(peer, { opcode: 8, payload: body(4001, 'theirs') }), {
      before: (connection) => {
        connection.sendClose(4000, 'ours');
        connection.sendClose(1000, 'again');
      },
    });
    expect(answered.close).toEqual({ code: 4001, reason: 'theirs' });
    expect(answered.sent.map((sent) => sent.payload.toString('latin1'))).toEqual(['\x0f\xa0ours']);
  });

  test(`§5.5.1 a ${role} sends nothing after its Close frame`, () => {
    const outcome = run(role, Buffer.alloc(0), {
      before: (connection) => {
        connection.sendClose(1000, '');
        connection.sendMessage(Buffer.from('late'), false);
        connection.sendPing(Buffer.from('late'));
        connection.sendEncoded(Buffer.from([0x81, 0]));
      },
    });
    expect(outcome.sent.map((sent) => sent.opcode)).toEqual([8]);
  });

  test(`§7.1.2 a ${role} that began the closing discards messages until the peer's Close frame`, () => {
    const outcome = run(
      role,
      [
        frame(peer, { opcode: 1, payload: 'under way' }),
        frame(peer, { fin: false, opcode: 1, payload: Buffer.from([0xff]) }),
        frame(peer, { opcode: 0, payload: Buffer.alloc(70_000) }),
        frame(peer, { opcode: 8, payload: body(1000) }),
      ],
      { before: (connection) => connection.sendClose(1000, '') },
    );
    expect(outcome.messages).toEqual([]);
    expect(outcome.close).toEqual({ code: 1000, reason: '' });
  });

  test(`§7.1.2 messages that a ${role} had received but not taken are discarded by its Close`, () => {
    const connection = new Connection(role, GENEROUS);
    connection.receive(Buffer.concat([1, 2, 3].map((i) => frame(peer, { opcode: 1, payload: `message ${i}` }))));
    expect(connection.nextEvent()).toMatchObject({ type: 'message' });
    connection.sendClose(1000, '');
    expect(connection.nextEvent()).toBeUndefined();
    connection.receive(frame(peer, { opcode: 8 }));
    expect(connection.nextEvent()).toEqual({ type: 'close', code: 1005, reason: '' });
  });

  test(`§7.1.5 a ${role} whose transport ends without a Close frame reports 1006`, () => {
    for (const wire of [Buffer.alloc(0), frame(peer, { fin: false, opcode: 1, payload: 'x' }), Buffer.from([0x81])]) {
      for (const closing of [true, false]) {
        const connection = new Connection(role, GENEROUS);
        if (closing) connection.sendClose(1000, '');
        connection.receive(Buffer.from(wire));
        connection.receiveEnd();
        expect(connection.nextEvent()).toEqual({ type: 'close', code: 1006, reason: '' });
        expect(connection.nextEvent()).toBeUndefined();
        expect(connection.state).toBe('lost');
      }
    }
  });

  test(`§7.1.5 a ${role} gives what came before the end of the transport first`, () => {
    const connection = new Connection(role, GENEROUS);
    connection.receive(frame(peer, { opcode: 1, payload: 'last words' }));
    connection.receiveEnd();
    expect(connection.nextEvent()).toMatchObject({ type: 'message' });
    expect(connection.nextEvent()).toMatchObject({ type: 'close', code: 1006 });
  });

  test(`§7.1.7 a ${role} that fails a connection says why and reads nothing more`, () => {
    const outcome = run(role, [
      frame(peer, { opcode: 1, payload: 'good' }),
      frame(peer, { opcode: 3 }),
      frame(peer, { opcode: 1, payload: 'after the fault' }),
    ]);
    expectFailure(outcome, 1002);
    expect(outcome.messages.map((message) => message.text)).toEqual(['good']);
    expect(outcome.sent[0]?.payload.subarray(2).toString()).toBe('reserved opcode');
  });

  test(`§7.1.7 a ${role} that was closing already sends no second Close when the peer is at fault`, () => {
    const outcome = run(role, frame(peer, { opcode: 3 }), { before: (connection) => connection.sendClose(1000, '') });
    expect(outcome.close?.code).toBe(1002);
    expect(outcome.sent.length).toBe(1);
  });

  test(`§7.1.6 a ${role} cuts a reason that is too long at the end of a character`, () => {
    for (const [reason, kept] of [
      ['é'.repeat(100), 'é'.repeat(61)],
      ['😀'.repeat(31), '😀'.repeat(30)],
      ['z'.repeat(200), 'z'.repeat(123)],
    ] as const) {
      const outcome = feed(role, Buffer.alloc(0), 1, { before: (connection) => connection.sendClose(1000, reason) });
      expect(outcome.sent[0]?.payload.subarray(2).toString()).toBe(kept);
    }
  });
}

test('§7.1.2 two ends that close at the same time agree, each with the code of the other', () => {
  const server = new Connection('server');
  const client = new Connection('client');
  server.sendClose(1001, 'server');
  client.sendClose(1000, 'client');
  const [fromServer, fromClient] = [Buffer.concat(server.takeOutput()), Buffer.concat(client.takeOutput())];
  server.receive(fromClient);
  client.receive(fromServer);
  expect(server.nextEvent()).toEqual({ type: 'close', code: 1000, reason: 'client' });
  expect(client.nextEvent()).toEqual({ type: 'close', code: 1001, reason: 'server' });
  expect(readFrames(Buffer.concat([...server.takeOutput(), ...client.takeOutput()]))).toEqual([]);
});
