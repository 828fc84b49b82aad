// RFC 7692 §6 and §7.2: compressed messages on the wire. Both roles; each case fed whole, in pieces, byte by byte and
// with bytes after it. The parameters (§5, §7.1) are in deflate-parameters.test.ts.
//
// | clause   | what                                          | clause   | what                                         |
// |----------|-----------------------------------------------|----------|----------------------------------------------|
// | §6       | RSV1 on a message's first frame only          | §7.2.1   | compressing; sent plain where that is better |
// | §6.1     | fragments of a compressed message; control    | §7.2.2   | inflating; takeover; windows of 2^8 to 2^15  |
// | §6.2     | plain messages among compressed ones          | §7.2.3   | the RFC's examples, BFINAL, empty messages   |
// | §8       | limits after inflation, UTF-8 after inflation | RFC 6455 | §8.1, §10.4                                  |
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Compression } from '../../../src/websocket/compression.ts';
import { Connection } from '../../../src/websocket/connection.ts';
import { type Case, expectFailure, frame, GENEROUS, ROLES, readFrames, run } from '../wire.ts';

const RSV1 = 0x40;
const SYNC = { finishFlush: constants.Z_SYNC_FLUSH };

function compression(windowBits = 15, contextTakeover = true): Compression {
  const side = { windowBits, contextTakeover };
  return new Compression({ own: side, peer: side }, 0);
}

const DEFLATE: Case = { compression: () => compression() };

function deflated(text: string | Buffer): Buffer {
  return deflateRawSync(text, SYNC).subarray(0, -4);
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

for (const { role, peer } of ROLES) {
  const compressed = (payload: Buffer, opcode = 1) => frame(peer, { rsv: RSV1, opcode, payload });
  const texts = (frames: Buffer[], options: Case = DEFLATE) => run(role, frames, options).messages.map((m) => m.text);

  test(`§7.2.3.1 a ${role} reads the RFC's single block, whole and in two frames`, () => {
    expect(texts([compressed(hex('f2 48 cd c9 c9 07 00'))])).toEqual(['Hello']);
    const fragments = [
      frame(peer, { fin: false, rsv: RSV1, opcode: 1, payload: hex('f2 48 cd') }),
      frame(peer, { opcode: 0, payload: hex('c9 c9 07 00') }),
    ];
    expect(texts(fragments)).toEqual(['Hello']);
  });

  test(`§7.2.3.2 a ${role} reads a second message that refers to the first`, () => {
    expect(texts([compressed(hex('f2 48 cd c9 c9 07 00')), compressed(hex('f2 00 11 00 00'))])).toEqual([
      'Hello',
      'Hello',
    ]);
  });

  test(`§7.2.3.2 without context takeover a ${role} fails on a message that refers to the one before`, () => {
    const outcome = run(role, [compressed(hex('f2 48 cd c9 c9 07 00')), compressed(hex('f2 00 11 00 00'))], {
      compression: () => compression(15, false),
    });
    expectFailure(outcome, 1007);
    expect(outcome.messages.length).toBe(1);
  });

  test(`§7.2.3.3 a ${role} reads blocks without compression`, () => {
    expect(texts([compressed(hex('00 05 00 fa ff 48 65 6c 6c 6f 00'))])).toEqual(['Hello']);
  });

  test(`§7.2.3.4 a ${role} reads blocks with BFINAL set, and goes on after them`, () => {
    const final = hex('f3 48 cd c9 c9 07 00 00');
    expect(texts([compressed(final), compressed(final)])).toEqual(['Hello', 'Hello']);
    // A final block, and a message that goes on behind it and refers to what came before.
    const more = Buffer.concat([final.subarray(0, 7), hex('f2 00 11 00 00')]);
    expect(texts([compressed(more)])).toEqual(['HelloHello']);
  });

  test(`§7.2.3.4 a ${role} fails on final blocks without end`, () => {
    const blocks = Buffer.alloc(60_000, hex('03 00'));
    expectFailure(run(role, compressed(Buffer.concat([blocks, hex('00')])), DEFLATE), 1009);
  });

  test(`§7.2.3.5 a ${role} reads two blocks in one message`, () => {
    expect(texts([compressed(hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00'))])).toEqual(['Hello']);
  });

  test(`§7.2.3.6 a ${role} reads empty messages, compressed and plain`, () => {
    expect(texts([compressed(hex('00')), compressed(hex('02 00')), frame(peer, { opcode: 1 })])).toEqual(['', '', '']);
    const fragments = [
      frame(peer, { fin: false, rsv: RSV1, opcode: 2 }),
      frame(peer, { opcode: 0, payload: hex('00') }),
    ];
    expect(texts(fragments)).toEqual(['']);
  });

  test(`§6 a ${role} fails on RSV1 on a continuation or a control frame, and on the other bits anywhere`, () => {
    const first = frame(peer, { fin: false, rsv: RSV1, opcode: 1, payload: hex('f2 48 cd') });
    const plainFirst = frame(peer, { fin: false, opcode: 1, payload: 'x' });
    const last = frame(peer, { rsv: RSV1, opcode: 0, payload: hex('c9 c9 07 00') });
    expectFailure(run(role, [first, last], DEFLATE), 1002);
    expectFailure(run(role, [plainFirst, last], DEFLATE), 1002);
    for (const opcode of [8, 9, 10]) expectFailure(run(role, frame(peer, { rsv: RSV1, opcode }), DEFLATE), 1002);
    for (const rsv of [0x20, 0x10, 0x60, 0x50, 0x70]) {
      expectFailure(run(role, frame(peer, { rsv, opcode: 1, payload: hex('00') }), DEFLATE), 1002);
    }
  });

  test(`§6.1 a ${role} reads a compressed message cut anywhere, with control frames between`, () => {
    const text = 'a compressed message, a compressed message, cut anywhere';
    const payload = deflated(text);
    for (let cut = 0; cut <= payload.length; cut++) {
      const outcome = run(
        role,
        [
          frame(peer, { fin: false, rsv: RSV1, opcode: 1, payload: payload.subarray(0, cut) }),
          frame(peer, { opcode: 9, payload: 'ping' }),
          frame(peer, { opcode: 0, payload: payload.subarray(cut) }),
        ],
        DEFLATE,
      );
      expect(outcome.messages).toEqual([{ text, binary: false }]);
      expect(outcome.sent.map((sent) => sent.payload.toString())).toEqual(['ping']);
    }
  });

  test(`§6.2 a ${role} reads plain messages among compressed ones; they do not enter the window`, () => {
    expect(
      texts([
        compressed(hex('f2 48 cd c9 c9 07 00')),
        frame(peer, { opcode: 1, payload: 'plain, and longer than Hello' }),
        compressed(hex('f2 00 11 00 00')),
      ]),
    ).toEqual(['Hello', 'plain, and longer than Hello', 'Hello']);
  });

  test(`§7.2.2 a ${role} fails on what is not deflate: damaged, cut off, with garbage behind`, () => {
    const text = deflated('some text that is long enough to be cut off in the middle of a block');
    for (const payload of [
      hex('ff ff ff'),
      hex('07'),
      hex('00 05 00 00 00 48'),
      hex('f2 00 11 00 00'),
      text.subarray(0, 20),
      Buffer.concat([deflateRawSync('Hello'), hex('ff ff')]),
    ]) {
      expectFailure(run(role, compressed(payload), DEFLATE), 1007);
    }
  });

  test(`§8.1 a ${role} fails on compressed text that is not UTF-8, and takes it as binary`, () => {
    const payload = deflated(Buffer.from([0x61, 0xed, 0xa0, 0x80]));
    expectFailure(run(role, compressed(payload), DEFLATE), 1007);
    expect(run(role, compressed(payload, 2), DEFLATE).messages.length).toBe(1);
    // What is compressed is not text yet.
    expect(texts([compressed(deflated('£€😀'))]).map((text) => Buffer.from(text, 'latin1').toString())).toEqual([
      '£€😀',
    ]);
  });

  test(`§10.4 CVE-2026-54490 CVE-2026-1526 a ${role} fails on a message that inflates beyond the limit`, () => {
    const limits = { maxMessage: 65_536, maxFragments: 128 };
    const options = { ...DEFLATE, limits };
    const fits = run(role, compressed(deflated(Buffer.alloc(65_536, 'a'))), options);
    expect(fits.messages[0]?.text.length).toBe(65_536);
    expectFailure(run(role, compressed(deflated(Buffer.alloc(65_537, 'a'))), options), 1009);
    const bomb = deflated(Buffer.alloc(64 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(65_600);
    expectFailure(run(role, compressed(bomb), options), 1009);
    const fragments = [frame(peer, { fin: false, rsv: RSV1, opcode: 2, payload: bomb.subarray(0, 600) })];
    for (let at = 600; at < bomb.length; at += 600) {
      const fin = at + 600 >= bomb.length;
      fragments.push(frame(peer, { fin, opcode: 0, payload: bomb.subarray(at, at + 600) }));
    }
    expectFailure(run(role, fragments, options), 1009);
    // Two halves of the limit in one message, each behind a final block.
    const half = deflateRawSync(Buffer.alloc(40_000));
    expectFailure(run(role, compressed(Buffer.concat([half, half, hex('00')])), options), 1009);
  });

  test(`§10.4 a ${role} fails on compressed bytes over the limit without inflating them`, () => {
    const limits = { maxMessage: 1000, maxFragments: 128 };
    const header = frame(peer, { rsv: RSV1, opcode: 1, claim: 2000n });
    expectFailure(run(role, header, { ...DEFLATE, limits, partial: true }), 1009);
  });

  test(`§7.2.1 a ${role} sends compressed what gains by it, with RSV1 on a data frame alone`, () => {
    const outcome = run(role, Buffer.alloc(0), {
      ...DEFLATE,
      before: (connection) => {
        connection.sendMessage(Buffer.from('compress '.repeat(50)), false);
        connection.sendMessage(Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 89) & 255)), true);
        connection.sendMessage(Buffer.alloc(0), true);
        connection.sendPing(Buffer.from('p'));
        connection.sendClose(1000, '');
      },
    });
    expect(outcome.sent.map(({ rsv, opcode }) => [rsv, opcode])).toEqual([
      [RSV1, 1],
      [0, 2],
      [0, 2],
      [0, 9],
      [0, 8],
    ]);
    // §7.2.1: the four octets of the flush are not sent.
    expect(outcome.sent[0]?.payload.subarray(-4)).not.toEqual(hex('00 00 ff ff'));
  });

  for (const takeover of [true, false]) {
    test(`§7.2.2 a ${role} and a zlib stream agree ${takeover ? 'with' : 'without'} takeover, windows of 2^8 to 2^15`, async () => {
      for (let bits = 8; bits <= 15; bits++) {
        const messages = Array.from({ length: 5 }, (_, i) => randomText(bits * 100 + i, 200 + i * 900));
        const reader = new Connection(role, GENEROUS, compression(bits, takeover));
        const writer = new Connection(role, GENEROUS, compression(bits, takeover));
        const stream = createDeflateRaw({ windowBits: bits });
        // Small output chunks make zlib refuse to reach back beyond its window.
        let inflater = createInflateRaw({ windowBits: bits, chunkSize: 64 });
        for (const text of messages) {
          const theirs = await through(stream, Buffer.from(text));
          if (!takeover) stream.reset();
          reader.receive(compressed(theirs.subarray(0, -4)));
          expect(reader.nextEvent(), `${bits} bits`).toMatchObject({ type: 'message', data: Buffer.from(text) });
          writer.sendMessage(Buffer.from(text), false);
          const [ours] = readFrames(Buffer.concat(writer.takeOutput()));
          expect(ours?.rsv).toBe(RSV1);
          const wire = Buffer.concat([ours?.payload ?? Buffer.alloc(0), hex('00 00 ff ff')]);
          expect((await through(inflater, wire)).toString(), `${bits} bits`).toBe(text);
          if (!takeover) inflater = createInflateRaw({ windowBits: bits, chunkSize: 64 });
        }
      }
    });
  }
}

test('§7.1.2 a window larger than agreed on would be noticed here', async () => {
  const writer = new Connection('server', GENEROUS, compression(12));
  const inflater = createInflateRaw({ windowBits: 8, chunkSize: 64 });
  writer.sendMessage(Buffer.from(`${randomText(1, 600)}${randomText(1, 600)}`), false);
  const [ours] = readFrames(Buffer.concat(writer.takeOutput()));
  const wire = Buffer.concat([ours?.payload ?? Buffer.alloc(0), hex('00 00 ff ff')]);
  await expect(through(inflater, wire)).rejects.toThrow('too far back');
});

/** Words that repeat near and far. */
function randomText(seed: number, length: number): string {
  let state = seed;
  let text = '';
  while (text.length < length) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    text += `${['room', 'message', 'cursor', 'frame'][state % 4]}-${(state >> 8) % 50} `;
  }
  return text.slice(0, length);
}

/** Writes to a zlib stream and gives what it makes of that. */
function through(
  stream: ReturnType<typeof createDeflateRaw> | ReturnType<typeof createInflateRaw>,
  bytes: Buffer,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer) => chunks.push(chunk);
    stream.on('data', onData);
    stream.once('error', reject);
    stream.write(bytes);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off('data', onData);
      stream.off('error', reject);
      resolve(Buffer.concat(chunks));
    });
  });
}
