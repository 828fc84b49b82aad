// RFC 6455 §5.5, §5.5.2, §5.5.3: control frames, pings and pongs. Both roles; each case fed whole, in pieces, byte by byte
// and with bytes after it. Close frames are in close.test.ts.
//
// | clause | what                                            | clause | what                                           |
// |--------|-------------------------------------------------|--------|------------------------------------------------|
// | §5.5   | MUST have at most 125 bytes, MUST NOT fragment  | §5.5.3 | MUST have the ping's payload                   |
// | §5.5.2 | MUST answer a ping with a pong, as soon as able | §5.5.3 | MAY answer only the latest ping; unsolicited   |
import { expect, test } from 'vitest';
import { Connection } from '../../../src/websocket/connection.ts';
import { expectFailure, frame, GENEROUS, ROLES, readFrames, run } from '../wire.ts';

for (const { role, peer } of ROLES) {
  test(`§5.5 a ${role} fails on a control frame of more than 125 bytes, before its payload`, () => {
    for (const opcode of [8, 9, 10]) {
      for (const size of [126, 127, 65_535, 65_536]) {
        expectFailure(run(role, frame(peer, { opcode, payload: Buffer.alloc(size, 'a') })), 1002);
        expectFailure(run(role, frame(peer, { opcode, claim: BigInt(size) }), { partial: true }), 1002);
      }
      expectFailure(run(role, frame(peer, { opcode, payload: 'x', form: 16 })), 1002);
      expectFailure(run(role, frame(peer, { opcode, payload: 'x', form: 64 })), 1002);
    }
  });

  test(`§5.5 a ${role} fails on a fragmented control frame`, () => {
    for (const opcode of [8, 9, 10]) {
      expectFailure(run(role, frame(peer, { fin: false, opcode })), 1002);
      const within = [frame(peer, { fin: false, opcode: 1, payload: 'a' }), frame(peer, { fin: false, opcode })];
      expectFailure(run(role, within), 1002);
    }
  });

  test(`§5.5.2 §5.5.3 a ${role} answers each ping with a pong of the same payload, in order`, () => {
    const payloads = ['', 'x', 'ping', Buffer.from([0, 255, 254, 128]), Buffer.alloc(124, 'y'), Buffer.alloc(125, 'z')];
    const outcome = run(
      role,
      payloads.map((payload) => frame(peer, { opcode: 9, payload })),
    );
    expect(outcome.sent.map((sent) => [sent.opcode, sent.payload.toString('hex')])).toEqual(
      payloads.map((payload) => [10, Buffer.from(payload).toString('hex')]),
    );
    expect(outcome.close).toBeUndefined();
  });

  test(`§5.5.2 a ${role} answers ten pings with ten pongs while its output flows`, () => {
    const pings = Array.from({ length: 10 }, (_, i) => frame(peer, { opcode: 9, payload: `ping ${i}` }));
    expect(run(role, pings).sent.map((sent) => sent.payload.toString())).toEqual(pings.map((_, i) => `ping ${i}`));
  });

  test(`§5.5.2 a ${role} answers no ping once it has sent or received a Close frame`, () => {
    const ping = frame(peer, { opcode: 9, payload: 'late' });
    const sent = run(role, ping, { before: (connection) => connection.sendClose(1000, '') }).sent;
    expect(sent.map((item) => item.opcode)).toEqual([8]);
    const received = run(role, [frame(peer, { opcode: 8 }), ping]).sent;
    expect(received.map((item) => item.opcode)).toEqual([8]);
  });

  test(`§5.5.3 a ${role} whose output does not flow answers only the latest of many pings`, () => {
    const connection = new Connection(role, GENEROUS);
    connection.setCongested(true);
    for (let i = 0; i < 10_000; i++) {
      connection.receive(frame(peer, { opcode: 9, payload: `ping ${i}` }));
      expect(connection.nextEvent()).toEqual({ type: 'control' });
    }
    expect(connection.outputBytes).toBe(0);
    connection.setCongested(false);
    const sent = readFrames(Buffer.concat(connection.takeOutput()));
    expect(sent.map((item) => [item.opcode, item.payload.toString()])).toEqual([[10, 'ping 9999']]);
  });

  test(`§5.5.3 a ${role} takes unsolicited pongs and says nothing`, () => {
    const outcome = run(role, [
      frame(peer, { opcode: 10 }),
      frame(peer, { opcode: 10, payload: Buffer.alloc(125, 0xff) }),
      frame(peer, { opcode: 1, payload: 'goes on' }),
    ]);
    expect(outcome).toEqual({ messages: [{ text: 'goes on', binary: false }], close: undefined, sent: [] });
  });

  test(`§5.5.2 a ${role} sends pings of up to 125 bytes`, () => {
    const outcome = run(role, frame(peer, { opcode: 10, payload: 'a' }), {
      before: (connection) => {
        connection.sendPing(Buffer.alloc(125, 'a'));
        expect(() => connection.sendPing(Buffer.alloc(126))).toThrow(RangeError);
      },
    });
    expect(outcome.sent.map((sent) => [sent.opcode, sent.payload.length])).toEqual([[9, 125]]);
  });
}
