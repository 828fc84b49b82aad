// The core as its driver uses it: pulled event by event, fed in any pieces, and what it keeps meanwhile.
import { expect, test } from 'vitest';
import { Connection } from '../../src/websocket/connection.ts';
import { frame, ROLES } from './wire.ts';

for (const { role, peer } of ROLES) {
  test(`a ${role} gives one event at a time, and takes more input while some waits`, () => {
    const connection = new Connection(role);
    const wire = Buffer.concat(['a', 'b', 'c', 'd'].map((payload) => frame(peer, { opcode: 1, payload })));
    connection.receive(Buffer.from(wire.subarray(0, 9)));
    expect(connection.nextEvent()).toMatchObject({ data: Buffer.from('a') });
    connection.receive(Buffer.from(wire.subarray(9, 10)));
    connection.receive(Buffer.alloc(0));
    connection.receive(Buffer.from(wire.subarray(10)));
    connection.receiveEnd();
    const rest = [1, 2, 3, 4, 5].map(() => connection.nextEvent());
    expect(rest.map((event) => (event?.type === 'message' ? event.data.toString() : event?.type))).toEqual([
      'b',
      'c',
      'd',
      'close',
      undefined,
    ]);
  });

  test(`a ${role} answers a ping only when it gets that far`, () => {
    const connection = new Connection(role);
    connection.receive(
      Buffer.concat([frame(peer, { opcode: 1, payload: 'first' }), frame(peer, { opcode: 9, payload: 'then' })]),
    );
    connection.nextEvent();
    expect(connection.outputBytes).toBe(0);
    connection.nextEvent();
    expect(connection.outputBytes).toBeGreaterThan(0);
    const bytes = connection.takeOutput().reduce((sum, part) => sum + part.length, 0);
    expect(bytes).toBe(role === 'client' ? 10 : 6);
    expect(connection.outputBytes).toBe(0);
    expect(connection.takeOutput()).toEqual([]);
  });

  test(`a ${role} that is abandoned delivers and sends nothing more`, () => {
    const connection = new Connection(role);
    connection.receive(frame(peer, { opcode: 1, payload: 'x' }));
    connection.sendMessage(Buffer.from('x'), false);
    connection.abandon();
    expect(connection.nextEvent()).toBeUndefined();
    expect(connection.takeOutput()).toEqual([]);
    expect(connection.state).toBe('lost');
  });

  test(`a ${role} keeps what has come, not what was announced`, () => {
    const before = process.memoryUsage().arrayBuffers;
    const connections = Array.from({ length: 1000 }, () => {
      const connection = new Connection(role);
      connection.receive(frame(peer, { opcode: 2, claim: 65_536n, payload: Buffer.alloc(100) }));
      expect(connection.nextEvent()).toBeUndefined();
      return connection;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 1024 * 1024);
    expect(connections.every((connection) => connection.state === 'open')).toBe(true);
  });
}
