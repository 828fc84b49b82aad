// Run by memory.test.ts in a process of its own: attacks on both roles' cores, many connections each, and the resident
// memory that one attack takes at its peak and that twenty leave behind. Prints a line of JSON an attack.
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDeflateRaw } from 'node:zlib';
import { Compression } from '../../src/websocket/compression.ts';
import { Connection } from '../../src/websocket/connection.ts';
import type { Role } from '../../src/websocket/encode.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** A frame's header and payload as that role would not send it to itself: masked with zeros for a server. */
function frame(role: Role, first: number, payload: Buffer, claim = payload.length): Buffer {
  const mask = role === 'server' ? 0x80 : 0;
  const header = claim < 126 ? Buffer.from([first, mask | claim]) : Buffer.alloc(10);
  if (claim >= 126 && claim < 65_536) {
    header.set([first, mask | 126, claim >> 8, claim & 255]);
  } else if (claim >= 126) {
    header.set([first, mask | 127]);
    header.writeBigUInt64BE(BigInt(claim), 2);
  }
  const size = claim < 126 ? 2 : claim < 65_536 ? 4 : 10;
  return Buffer.concat([header.subarray(0, size), Buffer.alloc(mask === 0 ? 0 : 4), payload]);
}

function fragments(role: Role, first: number, pieces: readonly Buffer[]): Buffer {
  return Buffer.concat(
    pieces.map((piece, i) => frame(role, (i === 0 ? first & 0x7f : 0) | (i === pieces.length - 1 ? 0x80 : 0), piece)),
  );
}

/** 64 KiB that inflate to 64 MiB, made without ever having those in memory: they would raise the peak. */
async function makeBomb(): Promise<Buffer> {
  const deflate = createDeflateRaw();
  const zeros = Buffer.alloc(65_536);
  const source = Readable.from(Array.from({ length: 1024 }, () => zeros));
  const chunks: Buffer[] = [];
  for await (const chunk of source.pipe(deflate)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const ROUNDS = 3;

const bomb = await makeBomb();
const bombPieces = Array.from({ length: 100 }, (_, i) => bomb.subarray(i * 660, (i + 1) * 660));

function attacks(role: Role): [string, Buffer][] {
  return [
    ['a length of 2^62', frame(role, 0x82, Buffer.alloc(1000), 2 ** 62)],
    ['a length just over the limit', frame(role, 0x82, Buffer.alloc(65_537))],
    [
      '131,000 fragments of one byte',
      fragments(
        role,
        0x82,
        Array.from({ length: 131_000 }, () => Buffer.alloc(1)),
      ),
    ],
    [
      'empty fragments without end',
      fragments(
        role,
        0x82,
        Array.from({ length: 131_000 }, () => Buffer.alloc(0)),
      ),
    ],
    [
      'over-long by fragments',
      fragments(
        role,
        0x82,
        Array.from({ length: 100 }, () => Buffer.alloc(1000)),
      ),
    ],
    ['a long ping', frame(role, 0x89, Buffer.alloc(60_000))],
    ['text that is bad at its end', frame(role, 0x81, Buffer.from(`${'x'.repeat(60_000)}\xff`, 'latin1'))],
    ['a bomb in one frame', frame(role, 0xc2, bomb.subarray(0, 65_000))],
    ['a bomb in a hundred fragments', fragments(role, 0xc2, bombPieces)],
  ];
}

/** Feeds an attack to a new connection in chunks; the close code that it came to. */
function suffer(role: Role, wire: Buffer): number {
  const side = { windowBits: 15, contextTakeover: true };
  const connection = new Connection(
    role,
    { maxMessage: 65_536, maxFragments: 128 },
    new Compression({ own: side, peer: side }),
  );
  for (let at = 0; at < wire.length; at += 65_536) {
    connection.receive(Buffer.from(wire.subarray(at, at + 65_536)));
    for (let event = connection.nextEvent(); event !== undefined; event = connection.nextEvent()) {
      if (event.type === 'close') return event.code;
    }
  }
  return 0;
}

function takesGoodMessages(role: Role): boolean {
  const connection = new Connection(role);
  const message = frame(role, 0x81, Buffer.from('a good message'));
  for (let i = 0; i < 20_000; i++) {
    connection.receive(Buffer.from(message));
    if (connection.nextEvent()?.type !== 'message') return false;
  }
  return true;
}

async function residentMebibytes(): Promise<number> {
  await nextTurn();
  if (typeof collectGarbage === 'function') collectGarbage();
  await nextTurn();
  return process.memoryUsage().rss / 1024 / 1024;
}

const highest = () => process.resourceUsage().maxRSS / 1024;

interface Attack {
  role: Role;
  attack: string;
  wire: Buffer;
  code: number;
  /** MiB that the first of its kind took at its peak. */
  peak: number;
}

// The first round shows the peaks, and leaves behind what stays of any first time: compiled code, filled pools.
takesGoodMessages('server');
takesGoodMessages('client');
const measured: Attack[] = [];
for (const role of ['server', 'client'] as const) {
  for (const [attack, wire] of attacks(role)) {
    const before = highest();
    const code = suffer(role, wire);
    measured.push({ role, attack, wire, code, peak: highest() - before });
    for (let i = 0; i < 10; i++) suffer(role, wire);
    await residentMebibytes();
  }
}
for (const { role, attack, wire, code, peak } of measured) {
  let same = true;
  // The system counts in pages, and takes and gives them when it likes: what is really kept is kept each time.
  let kept = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = await residentMebibytes();
    for (let i = 0; i < 20; i++) {
      same &&= suffer(role, wire) === code;
      await nextTurn();
    }
    kept = Math.min(kept, (await residentMebibytes()) - before);
  }
  const good = same && takesGoodMessages(role);
  process.stdout.write(`${JSON.stringify({ attack: `${role}: ${attack}`, code: good ? code : 0, kept, peak })}\n`);
}
