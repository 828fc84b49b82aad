// Frames built and read by hand for the tests of the protocol core, and the one helper that feeds a case whole, in
// pieces, byte by byte, and with bytes after it. Shares no code with what it tests but the Connection itself.
import { expect } from 'vitest';
import type { Compression } from '../../src/websocket/compression.ts';
import { Connection } from '../../src/websocket/connection.ts';
import type { Role } from '../../src/websocket/encode.ts';
import type { Limits } from '../../src/websocket/limits.ts';

export const GENEROUS: Limits = { maxMessage: 64 * 1024 * 1024, maxFragments: 1_000_000 };

export interface FrameSpec {
  fin?: boolean;
  /** RSV bits as 0x40, 0x20, 0x10. */
  rsv?: number;
  opcode: number;
  payload?: Buffer | string;
  /** How the length is written; minimal by default. */
  form?: 7 | 16 | 64;
  /** The length that the header claims, where it is not the payload's. */
  claim?: bigint;
  mask?: boolean;
}

const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** A frame as this peer sends it: clients mask. */
export function frame(from: Role, spec: FrameSpec): Buffer {
  const payload = Buffer.from(spec.payload ?? '');
  const length = spec.claim ?? BigInt(payload.length);
  const form = spec.form ?? (length < 126n ? 7 : length < 65536n ? 16 : 64);
  const masked = spec.mask ?? from === 'client';
  const first = ((spec.fin ?? true) ? 0x80 : 0) | (spec.rsv ?? 0) | spec.opcode;
  const maskBit = masked ? 0x80 : 0;
  const parts: Buffer[] = [];
  if (form === 7) parts.push(Buffer.from([first, maskBit | Number(length)]));
  else if (form === 16) parts.push(Buffer.from([first, maskBit | 126, Number(length >> 8n), Number(length & 255n)]));
  else {
    const extended = Buffer.alloc(8);
    extended.writeBigUInt64BE(length);
    parts.push(Buffer.from([first, maskBit | 127]), extended);
  }
  if (!masked) return Buffer.concat([...parts, payload]);
  return Buffer.concat([...parts, KEY, payload.map((octet, i) => octet ^ (KEY[i % 4] ?? 0))]);
}

export interface SentFrame {
  fin: boolean;
  rsv: number;
  opcode: number;
  masked: boolean;
  payload: Buffer;
}

/** Reads whole frames off `bytes`, unmasked. */
export function readFrames(bytes: Buffer): SentFrame[] {
  const frames: SentFrame[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes.readUInt8(at);
    const second = bytes.readUInt8(at + 1);
    at += 2;
    let length = second & 0x7f;
    if (length === 126) {
      length = bytes.readUInt16BE(at);
      at += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at));
      at += 8;
    }
    const masked = (second & 0x80) !== 0;
    const key = bytes.subarray(at, at + 4);
    if (masked) at += 4;
    expect(at + length, 'a whole frame').toBeLessThanOrEqual(bytes.length);
    const payload = Buffer.from(bytes.subarray(at, at + length)).map((octet, i) =>
      masked ? octet ^ (key[i % 4] ?? 0) : octet,
    );
    at += length;
    const header = { fin: first >= 0x80, rsv: first & 0x70, opcode: first & 15, masked };
    frames.push({ ...header, payload: Buffer.from(payload) });
  }
  return frames;
}

/** What came of feeding a case. */
export interface Outcome {
  messages: { text: string; binary: boolean }[];
  close: { code: number; reason: string } | undefined;
  sent: SentFrame[];
}

/** Takes every event and all output there is. */
export function drain(connection: Connection, outcome: Outcome): void {
  for (;;) {
    const event = connection.nextEvent();
    if (event === undefined) break;
    if (event.type === 'message') {
      outcome.messages.push({ text: event.data.toString('latin1'), binary: event.binary });
    } else if (event.type === 'close') {
      expect(outcome.close, 'one close event').toBeUndefined();
      outcome.close = { code: event.code, reason: event.reason };
    }
  }
  outcome.sent.push(...readFrames(Buffer.concat(connection.takeOutput())));
}

export interface Case {
  limits?: Limits;
  /** Made anew for each run. */
  compression?: () => Compression;
  /** What to do with the connection before it is fed. */
  before?: (connection: Connection) => void;
  /** The wire ends inside a frame, so nothing can follow it. */
  partial?: boolean;
}

/** Feeds `wire` to a fresh connection in pieces of `size` bytes. */
export function feed(role: Role, wire: Buffer, size: number, options: Case = {}): Outcome {
  const connection = new Connection(role, options.limits ?? GENEROUS, options.compression?.());
  const outcome: Outcome = { messages: [], close: undefined, sent: [] };
  options.before?.(connection);
  drain(connection, outcome);
  for (let at = 0; at < wire.length; at += size) {
    // Copied: a connection owns, and changes, what it is given.
    connection.receive(Buffer.from(wire.subarray(at, at + size)));
    drain(connection, outcome);
  }
  return outcome;
}

/** Feeds a case whole, in pieces, byte by byte and with a ping after it, and gives what all of these agree on. */
export function run(role: Role, frames: Buffer | readonly Buffer[], options: Case = {}): Outcome {
  const wire = Buffer.isBuffer(frames) ? frames : Buffer.concat(frames);
  const whole = feed(role, wire, wire.length || 1, options);
  // Long ones in fewer pieces: what can differ is where headers and characters are cut.
  for (const size of wire.length > 20_000 ? [1021] : [1, 2, 3, 7]) {
    expect(feed(role, wire, size, options), `in pieces of ${size}`).toEqual(whole);
  }
  if (options.partial === true) return whole;
  const other = role === 'server' ? 'client' : 'server';
  const ping = frame(other, { opcode: 9, payload: 'after' });
  const followed = feed(role, Buffer.concat([wire, ping]), wire.length + ping.length, options);
  const last = followed.sent.at(-1);
  if (last?.opcode === 10 && last.payload.toString() === 'after') followed.sent.pop();
  expect(followed, 'with bytes after it').toEqual(whole);
  return whole;
}

/** Both roles, each with the peer whose frames it reads. */
export const ROLES: readonly { role: Role; peer: Role }[] = [
  { role: 'server', peer: 'client' },
  { role: 'client', peer: 'server' },
];

/** Expects that the peer's fault was answered with this code, and nothing else of the case came through. */
export function expectFailure(outcome: Outcome, code: number): void {
  expect(outcome.close?.code).toBe(code);
  const close = outcome.sent.at(-1);
  expect(close?.opcode, 'a Close frame is the last thing sent').toBe(8);
  expect(close?.payload.readUInt16BE(0)).toBe(code);
  expect(close?.payload.length).toBeLessThanOrEqual(125);
}
