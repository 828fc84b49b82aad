// What holds for any input, not only for chosen cases: frame headers, masking, UTF-8, header fields, extensions, whole
// conversations in any pieces.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readClosePayload, writeClosePayload } from '../../src/websocket/close-payload.ts';
import { Compression } from '../../src/websocket/compression.ts';
import { Connection } from '../../src/websocket/connection.ts';
import { WebSocketError } from '../../src/websocket/error.ts';
import { parseExtensions } from '../../src/websocket/extension-header.ts';
import { frameHeaderSize, readFrameHeader, writeFrameHeader } from '../../src/websocket/frame.ts';
import { tokenList } from '../../src/websocket/header-fields.ts';
import { applyMask } from '../../src/websocket/mask.ts';
import { Utf8Validator } from '../../src/websocket/utf8.ts';
import { feed, GENEROUS, ROLES } from './wire.ts';

const octets = (maxLength: number) => fc.uint8Array({ maxLength, size: 'max' }).map((array) => Buffer.from(array));

test('a frame header is read as it was written, at any offset, and not before it is all there', () => {
  const length = fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.maxSafeNat());
  const key = fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2),
      fc.constantFrom(0, 0x40),
      length,
      key,
      fc.nat(20),
      (opcode, rsv, size, maskingKey, at) => {
        const headerSize = frameHeaderSize(size, maskingKey !== undefined);
        const bytes = Buffer.alloc(at + headerSize + 3, 0xaa);
        writeFrameHeader(bytes, at, opcode, rsv, size, maskingKey);
        const expected = { fin: true, rsv, opcode, maskingKey, length: size, size: headerSize };
        expect(readFrameHeader(bytes, at, bytes.length)).toEqual(expected);
        expect(readFrameHeader(bytes, at, at + headerSize)).toEqual(expected);
        for (let end = at; end < at + headerSize; end++) expect(readFrameHeader(bytes, at, end)).toBeUndefined();
        expect(bytes.subarray(at + headerSize)).toEqual(Buffer.alloc(3, 0xaa));
      },
    ),
  );
});

test('any octets are a frame header, not yet one, or a WebSocketError', () => {
  fc.assert(
    fc.property(octets(16), (bytes) => {
      try {
        const header = readFrameHeader(bytes, 0, bytes.length);
        if (header === undefined) expect(bytes.length).toBeLessThan(14);
        else expect(header.size).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(WebSocketError);
      }
    }),
    { numRuns: 2000 },
  );
});

test('masking is the exclusive-or with the key, in pieces at any alignment as in one', () => {
  const sizes = fc.oneof(octets(40), octets(600));
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.nat(7),
      fc.nat(600),
      (bytes, key, shift, cut) => {
        const keyOctets = Buffer.alloc(4);
        keyOctets.writeInt32BE(key);
        const expected = bytes.map((octet, i) => octet ^ keyOctets.readUInt8(i % 4));
        const room = new Uint8Array(bytes.length + shift);
        const masked = Buffer.from(room.buffer, shift);
        bytes.copy(masked);
        const at = Math.min(cut, bytes.length);
        applyMask(masked.subarray(0, at), key, 0);
        applyMask(masked.subarray(at), key, at);
        expect(masked.equals(expected)).toBe(true);
      },
    ),
  );
});

/** Octets that are nearly UTF-8. */
const nearlyUtf8 = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: octets(2) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom('c0', 'e0a0', 'eda0', 'f4', 'f490', '80', 'f09f98')
          .map((hex) => Buffer.from(hex, 'hex')),
      },
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts));

function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

test('the UTF-8 check agrees with a fatal TextDecoder, in any two pieces', () => {
  fc.assert(
    fc.property(nearlyUtf8, fc.nat(100), (bytes, cut) => {
      const validator = new Utf8Validator();
      const valid = validator.push(bytes.subarray(0, cut)) && validator.push(bytes.subarray(cut)) && validator.complete;
      expect(valid).toBe(isText(bytes));
    }),
    { numRuns: 3000 },
  );
});

test('the UTF-8 check fails at the first octet after which nothing helps', () => {
  // What a prefix may be continued with, if it can be at all.
  const endings = [
    '',
    '80',
    '8080',
    '808080',
    'a080',
    '9080',
    'bf',
    'bfbf',
    '9fbf',
    'a08080',
    '908080',
    '8fbfbf',
    'bfbfbf',
  ];
  const canBeMended = (bytes: Buffer) => endings.some((hex) => isText(Buffer.concat([bytes, Buffer.from(hex, 'hex')])));
  fc.assert(
    fc.property(nearlyUtf8, (bytes) => {
      const validator = new Utf8Validator();
      for (let i = 0; i < bytes.length; i++) {
        const mendable = canBeMended(bytes.subarray(0, i + 1));
        expect(validator.push(bytes.subarray(i, i + 1))).toBe(mendable);
        if (!mendable) return;
      }
    }),
    { numRuns: 500 },
  );
});

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);

test('extensions are parsed as they were written, tokens quoted or not, with any space', () => {
  const space = fc.constantFrom('', ' ', '\t', '  ');
  const parameter = fc.record({ name: token, value: fc.option(token, { nil: undefined }) });
  const extension = fc.record({ name: token, parameters: fc.array(parameter, { maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(extension, { minLength: 1, maxLength: 4 }), space, fc.boolean(), (extensions, gap, quoted) => {
      const quote = (value: string) => (quoted ? `"\\${value.split('').join('\\')}"` : value);
      const field = extensions
        .map(({ name, parameters }) =>
          [
            name,
            ...parameters.map((p) => (p.value === undefined ? p.name : `${p.name}${gap}=${gap}${quote(p.value)}`)),
          ].join(`${gap};${gap}`),
        )
        .join(`${gap},${gap}`);
      expect(parseExtensions(gap + field + gap)).toEqual(extensions);
    }),
  );
});

test('any string is a list of extensions or malformed, never an exception; so are lists of tokens', () => {
  const nasty = fc.string({
    unit: fc.constantFrom('a', 'Z', '9', '-', ',', ';', '=', '"', '\\', ' ', '\t', '\0', 'é', '\n'),
  });
  fc.assert(
    fc.property(nasty, (field) => {
      for (const offer of parseExtensions(field) ?? []) expect(offer.name).not.toBe('');
      const tokens = tokenList(['Name', field], 'name');
      const plain = field
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
      const good = plain.length > 0 && plain.every((part) => /^[aZ9-]+$/.test(part));
      expect(tokens).toEqual(good ? plain : undefined);
    }),
    { numRuns: 2000 },
  );
});

test("a Close frame's body is read as it was written", () => {
  const code = fc.oneof(
    fc.integer({ min: 1000, max: 1003 }),
    fc.integer({ min: 1007, max: 1014 }),
    fc.integer({ min: 3000, max: 4999 }),
  );
  fc.assert(
    fc.property(code, fc.string({ unit: 'grapheme', maxLength: 100 }), (number, reason) => {
      const payload = writeClosePayload(number, reason);
      expect(payload.length).toBeLessThanOrEqual(125);
      const read = readClosePayload(payload);
      expect(read.code).toBe(number);
      expect(reason.startsWith(read.reason)).toBe(true);
      if (Buffer.byteLength(reason) <= 123) expect(read.reason).toBe(reason);
    }),
  );
});

for (const { role, peer } of ROLES) {
  test(`what a ${peer} sends, a ${role} gets, compressed or not, in pieces of any size`, () => {
    const message = fc.record({
      data: fc.oneof(
        octets(300),
        fc.nat(3000).map((size) => Buffer.alloc(size, 'repeat ')),
      ),
      binary: fc.constant(true),
    });
    const bits = fc.integer({ min: 8, max: 15 });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 5 }),
        bits,
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        (messages, windowBits, contextTakeover, compressed, size) => {
          const side = { windowBits, contextTakeover };
          const compression = () => new Compression({ own: side, peer: side }, 0);
          const sender = new Connection(peer, GENEROUS, compressed ? compression() : undefined);
          for (const { data, binary } of messages) sender.sendMessage(data, binary);
          const wire = Buffer.concat(sender.takeOutput());
          const outcome = feed(role, wire, size, compressed ? { compression } : {});
          expect(outcome.close).toBeUndefined();
          expect(outcome.messages).toEqual(
            messages.map(({ data, binary }) => ({ text: data.toString('latin1'), binary })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test(`any octets leave a ${role} with messages, or closed with a code that may be sent`, () => {
    const wire = fc.array(
      fc.oneof(octets(8), fc.constantFrom(Buffer.from([0x81, 0x80, 0, 0, 0, 0]), Buffer.from([0x01, 0x01, 0x41]))),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(wire, (parts) => {
        const bytes = Buffer.concat(parts);
        const whole = feed(role, bytes, bytes.length || 1);
        expect(feed(role, bytes, 1)).toEqual(whole);
        if (whole.close !== undefined) expect(whole.sent.at(-1)?.opcode).toBe(8);
      }),
      { numRuns: 1000 },
    );
  });
}
