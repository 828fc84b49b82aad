// How much one connection is given in a turn of the event loop, whatever its bytes inflate to.

import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Compression } from '../../src/websocket/compression.ts';
import { Connection } from '../../src/websocket/connection.ts';
import { WebSocket } from '../../src/websocket/index.ts';
import { Recorder } from './endpoints.ts';
import { frame, GENEROUS } from './wire.ts';

class IdleTransport extends Duplex {
  readonly remoteAddress = undefined;

  override _read(): void {}

  override _write(_chunk: Buffer, _encoding: string, callback: () => void): void {
    callback();
  }
}

const SIDE = { contextTakeover: false, windowBits: 15 };

function open() {
  const transport = new IdleTransport();
  const recorder = new Recorder();
  const compression = new Compression({ own: SIDE, peer: SIDE });
  const socket = new WebSocket(new Connection('server', GENEROUS, compression), transport, Buffer.alloc(0), {
    handler: recorder,
  });
  return { transport, recorder, socket };
}

function deflated(payload: Buffer): Buffer {
  const bytes = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
  return frame('client', { opcode: 1, rsv: 0x40, payload: bytes.subarray(0, -4) });
}

test.each([
  ['190 frames of newlines, 64 KiB each', Buffer.alloc(65_536, '\n'), 190, 1],
  ['5,000 frames that inflate to a byte', Buffer.from('x'), 5_000, 16],
])('%s in one chunk are many turns', async (_, payload, count, aTurn) => {
  const { transport, recorder } = open();
  await nextTurn();
  const chunk = Buffer.concat(Array.from({ length: count }, () => deflated(payload)));
  expect(chunk.length).toBeLessThan(65_536);
  transport.push(chunk);
  const given = [recorder.messages.length];
  for (let before = recorder.messages.length; recorder.messages.length < count; ) {
    await nextTurn();
    given.push(recorder.messages.length - before);
    before = recorder.messages.length;
  }
  expect(Math.max(...given)).toBeLessThanOrEqual(aTurn * 2);
  expect(recorder.messages).toEqual(Array.from({ length: count }, () => payload.toString()));
});

test('what is not compressed is given in one turn, up to a whole chunk', async () => {
  const { transport, recorder } = open();
  await nextTurn();
  transport.push(
    Buffer.concat(Array.from({ length: 600 }, () => frame('client', { opcode: 1, payload: 'x'.repeat(100) }))),
  );
  expect(recorder.messages).toHaveLength(600);
});

test('it pauses and ends in the middle of such a chunk as ever', async () => {
  const { transport, recorder, socket } = open();
  await nextTurn();
  const record = recorder.message.bind(recorder);
  recorder.message = (data, binary) => {
    record(data, binary);
    socket.pause();
  };
  transport.push(Buffer.concat(Array.from({ length: 3 }, () => deflated(Buffer.alloc(65_536, 'x')))));
  transport.push(null);
  for (let count = 1; count <= 3; count++) {
    await recorder.when((self) => self.messages.length === count);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(recorder.messages).toHaveLength(count);
    socket.resume();
  }
  await recorder.whenClosed();
  expect(recorder.end?.code).toBe(1006);
});
