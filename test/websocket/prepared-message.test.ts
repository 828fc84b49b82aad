// A message encoded once: its header stands right before its payload, in the buffer that was given.
import { expect, test } from 'vitest';
import { FRAME_HEADROOM, PreparedMessage } from '../../src/websocket/index.ts';
import { feed, readFrames } from './wire.ts';

function prepare(size: number, start = FRAME_HEADROOM) {
  const buffer = Buffer.alloc(start + size + 5, 'line of a log ');
  return { buffer, message: new PreparedMessage(buffer, start, start + size) };
}

test('header and payload are one contiguous piece of the buffer, for every length class', () => {
  for (const size of [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]) {
    const { buffer, message } = prepare(size);
    expect(message.plain.buffer).toBe(buffer.buffer);
    expect(message.plain.byteOffset + message.plain.length).toBe(buffer.byteOffset + FRAME_HEADROOM + size);
    const [frame] = readFrames(message.plain);
    expect(frame).toMatchObject({ fin: true, rsv: 0, opcode: 1, masked: false });
    expect(frame?.payload.equals(buffer.subarray(FRAME_HEADROOM, FRAME_HEADROOM + size))).toBe(true);
  }
});

test('too little room before the payload is a mistake of the caller', () => {
  expect(() => prepare(126, 3)).toThrow(RangeError);
  expect(() => prepare(65_536, 9)).toThrow(RangeError);
  expect(() => prepare(10, 2)).not.toThrow();
});

test('it is compressed once for each window size, and not at all when it is small or gains nothing', () => {
  const { message } = prepare(5000);
  const compressed = message.compressed(15);
  expect(compressed.length).toBeLessThan(500);
  expect(message.compressed(15)).toBe(compressed);
  expect(message.compressed(9)).not.toBe(compressed);
  expect(readFrames(compressed)[0]).toMatchObject({ fin: true, rsv: 0x40, opcode: 1, masked: false });
  const small = prepare(1023).message;
  expect(small.compressed(15)).toBe(small.plain);
  const noise = Buffer.from(Array.from({ length: 2000 }, (_, i) => Math.imul(i * i + 7, 0x9e3779b1) >>> 24));
  const dense = new PreparedMessage(Buffer.concat([Buffer.alloc(10), noise]), 10, 2010);
  expect(dense.compressed(15)).toBe(dense.plain);
});

test('a client without an extension reads the plain frame', () => {
  const { message } = prepare(300);
  const outcome = feed('client', message.plain, message.plain.length);
  expect(outcome.messages[0]?.text).toBe(message.payload.toString('latin1'));
});
