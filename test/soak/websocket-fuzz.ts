// Feeds random and half-valid input to both roles' parsers, to the extension parser and to the handshake check, from one
// seed: `node test/support/run.js test/soak/websocket-fuzz.ts [count] [seed]`. Prints counts and memory at intervals.
// Exits with 1 on any exception, on a message after a close, or on memory that grows.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflateRawSync } from 'node:zlib';
import { mayBeSent } from '../../src/websocket/close-codes.ts';
import { Compression } from '../../src/websocket/compression.ts';
import { Connection } from '../../src/websocket/connection.ts';
import { answerOffers, readAnswer } from '../../src/websocket/deflate-negotiation.ts';
import type { Role } from '../../src/websocket/encode.ts';
import { parseExtensions } from '../../src/websocket/extension-header.ts';
import { checkUpgrade } from '../../src/websocket/index.ts';

const count = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? 1);
const REPORTS = 10;
/** What the heap of a run that leaks nothing may still vary by. */
const MAX_GROWTH = 16 * 1024 * 1024;

/** mulberry32: small, quick, and the same everywhere. */
let state = seed >>> 0;
function random(below: number): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}

function pick<T>(first: T, ...others: T[]): T {
  return others[random(others.length + 1)] ?? first;
}

function randomBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = random(256);
  return bytes;
}

/** A frame that is right in most respects, and wrong in some. */
function almostFrame(role: Role): Buffer {
  const opcode = pick(0, 0, 1, 1, 1, 1, 2, 2, 2, 8, 9, 9, 10, 10, random(16));
  const first = (random(6) > 0 ? 0x80 : 0) | pick(0, 0, 0, 0, 0, 0, 0, 0x40, 0x40, random(8) << 4) | opcode;
  const masked = random(50) > 0 ? role === 'server' : role !== 'server';
  let payload =
    random(3) === 0 ? randomBytes(random(140)) : Buffer.from(pick('', 'Hello', 'κόσμε €', 'x'.repeat(random(300))));
  if (opcode === 8 && random(2) === 0) payload = Buffer.from([3, 232 + random(20), ...payload.subarray(0, 100)]);
  if ((first & 0x40) !== 0 && random(3) > 0) payload = deflateRawSync(payload);
  const { length } = payload;
  const form = random(40) === 0 ? pick(7, 16, 64) : length < 126 ? 7 : 16;
  const maskBit = masked ? 0x80 : 0;
  const header =
    form === 7
      ? [first, maskBit | Math.min(length, 125)]
      : form === 16
        ? [first, maskBit | 126, length >> 8, length & 255]
        : [first, maskBit | 127, pick(0, random(256)), 0, 0, 0, 0, pick(0, random(256)), length >> 8, length & 255];
  return Buffer.concat([Buffer.from(header), ...(masked ? [Buffer.alloc(4)] : []), payload]);
}

let messages = 0;
let closes = 0;

function fuzzConnection(role: Role): void {
  const side = { windowBits: 8 + random(8), contextTakeover: random(2) === 0 };
  const compression = random(2) === 0 ? new Compression({ own: side, peer: side }) : undefined;
  const connection = new Connection(role, { maxMessage: 4096, maxFragments: 16 }, compression);
  const parts = Array.from({ length: 1 + random(5) }, () =>
    random(20) === 0 ? randomBytes(random(40)) : almostFrame(role),
  );
  // Never empty: the end comes with the last bytes.
  const wire = Buffer.concat([...parts, Buffer.from([0x81])]);
  let closed = false;
  for (let at = 0; at < wire.length; ) {
    const size = pick(wire.length, 1 + random(20));
    connection.receive(Buffer.from(wire.subarray(at, at + size)));
    at += size;
    if (random(30) === 0) connection.sendClose(1000, '');
    if (at >= wire.length) connection.receiveEnd();
    for (let event = connection.nextEvent(); event !== undefined; event = connection.nextEvent()) {
      if (closed) throw new Error('an event after the close');
      if (event.type === 'message') {
        messages++;
        if (event.data.length > 4096) throw new Error('a message over the limit');
      } else if (event.type === 'close') {
        closed = true;
        closes++;
        if (!mayBeSent(event.code) && event.code !== 1005 && event.code !== 1006) throw new Error('an impossible code');
      }
    }
    connection.takeOutput();
  }
  if (!closed) throw new Error('no close at the end');
}

function almostHeader(): string {
  let header = '';
  for (let i = random(12); i >= 0; i--) {
    header += pick(
      'permessage-deflate',
      'server_max_window_bits',
      'client_max_window_bits',
      'client_no_context_takeover',
      '; ',
      '; ',
      ', ',
      '=',
      '"',
      '\\',
      '__proto__',
      'constructor',
      String(random(20)),
      String.fromCharCode(random(300)),
    );
  }
  return header;
}

function fuzzHeaders(): void {
  const header = almostHeader();
  const offers = parseExtensions(header) ?? [];
  answerOffers(offers, {});
  readAnswer(offers, {});
  const names = [
    'Host',
    'Upgrade',
    'Connection',
    'Sec-WebSocket-Version',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Protocol',
  ];
  const values = ['localhost', 'websocket', 'Upgrade', '13', 'dGhlIHNhbXBsZSBub25jZQ==', 'v1'];
  const rawHeaders = names.flatMap((name, i) => (random(8) === 0 ? [name, almostHeader()] : [name, values[i] ?? '']));
  checkUpgrade({ method: 'GET', httpVersion: '1.1', rawHeaders: [...rawHeaders, 'Sec-WebSocket-Extensions', header] });
}

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** Resident memory once nothing that is garbage is left in it. */
function residentBytes(): number {
  if (typeof collectGarbage === 'function') collectGarbage();
  return process.memoryUsage().rss;
}

let settled: number | undefined;
for (let i = 1; i <= count; i++) {
  // zlib lets go of a failed call in a later turn.
  if (i % 256 === 0) await nextTurn();
  const before = state;
  try {
    if (i % 4 === 0) fuzzHeaders();
    else fuzzConnection(i % 4 === 1 ? 'client' : 'server');
  } catch (error) {
    process.stderr.write(`input ${i}, state ${before}: ${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  }
  if (i % Math.ceil(count / REPORTS) !== 0 && i !== count) continue;
  const resident = residentBytes();
  // The first interval is the warm-up.
  settled ??= resident;
  const mebibytes = (resident / 1024 / 1024).toFixed(1);
  process.stdout.write(`${i} inputs, ${messages} messages, ${closes} closes, ${mebibytes} MiB resident\n`);
  if (resident - settled > MAX_GROWTH) {
    process.stderr.write('memory grows\n');
    process.exit(1);
  }
}
