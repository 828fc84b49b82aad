// RFC 7692 §5 and §7.1: agreeing on permessage-deflate. A server's answer to every offer, a client's judgement of every
// answer.
//
// | clause   | what                                         | clause   | what                                          |
// |----------|----------------------------------------------|----------|-----------------------------------------------|
// | §5, §5.1 | first acceptable offer; no extension twice   | §7.1.2.1 | server_max_window_bits, 8 to 15               |
// | §7       | invalid offers declined, invalid answers fail| §7.1.2.2 | client_max_window_bits, only where offered    |
// | §7.1.1   | no_context_takeover, both                    | §7.1.3   | the RFC's examples                            |
import { expect, test } from 'vitest';
import {
  answerOffers,
  type CompressionOptions,
  offerHeader,
  readAnswer,
} from '../../../src/websocket/deflate-negotiation.ts';
import { parseExtensions } from '../../../src/websocket/extension-header.ts';

/** Keeps contexts, so that each parameter shows for itself. */
const TAKEOVER: CompressionOptions = { serverNoContextTakeover: false, clientNoContextTakeover: false };
const BITS = [8, 9, 10, 11, 12, 13, 14, 15];
const BAD_BITS = ['0', '7', '16', '1000', '08', '015', '+9', '9.0', '1e1', '-9', 'x', '٩'];

function answered(offer: string, options: CompressionOptions = TAKEOVER): string | undefined {
  return answerOffers(parseExtensions(offer) ?? [], options)?.header;
}

function judged(answer: string, options: CompressionOptions | undefined) {
  return readAnswer(parseExtensions(answer) ?? [], options);
}

test('§7.1 a server declines offers with parameters that are unknown, doubled or have a wrong value', () => {
  for (const parameter of [
    'unknown',
    'constructor',
    '__proto__',
    'server_no_context_takeover=1',
    'server_no_context_takeover=true',
    'client_no_context_takeover="x"',
    'server_no_context_takeover; server_no_context_takeover',
    'client_max_window_bits; client_max_window_bits=10',
    'server_max_window_bits=9; server_max_window_bits=9',
    'server_max_window_bits',
    'SERVER_NO_CONTEXT_TAKEOVER',
  ]) {
    expect(answered(`permessage-deflate; ${parameter}`), parameter).toBeUndefined();
    expect(answered(`permessage-deflate; ${parameter}, permessage-deflate`)).toBe('permessage-deflate');
  }
});

test('§7.1.2 CVE-2026-2229 a server declines window bits that are not 8 to 15 without leading zeros', () => {
  for (const bits of BAD_BITS) {
    expect(answered(`permessage-deflate; server_max_window_bits=${bits}`), bits).toBeUndefined();
    expect(answered(`permessage-deflate; client_max_window_bits=${bits}`), bits).toBeUndefined();
  }
});

test('§5.1 a server takes the first acceptable of several offers and no other extension', () => {
  expect(answered('x-webkit-deflate-frame, permessage-bzip2, PERMESSAGE-DEFLATE')).toBeUndefined();
  expect(answered('constructor, __proto__, toString, permessage-deflate; server_max_window_bits=9')).toBe(
    'permessage-deflate; server_max_window_bits=9',
  );
  const several =
    'permessage-deflate; server_max_window_bits=99, permessage-deflate; server_max_window_bits=10, permessage-deflate';
  expect(answered(several)).toBe('permessage-deflate; server_max_window_bits=10');
});

test('§7.1.1.1 a server without takeover says so; one that is asked to do without does', () => {
  expect(answered('permessage-deflate', {})).toBe(
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  );
  expect(answered('permessage-deflate; server_no_context_takeover')).toBe(
    'permessage-deflate; server_no_context_takeover',
  );
  expect(answerOffers(parseExtensions('permessage-deflate; server_no_context_takeover') ?? [], TAKEOVER)).toMatchObject(
    {
      agreement: { own: { contextTakeover: false }, peer: { contextTakeover: true } },
    },
  );
});

test('§7.1.1.2 a server may ask for client_no_context_takeover, offered or not', () => {
  expect(answered('permessage-deflate; client_no_context_takeover')).toBe(
    'permessage-deflate; client_no_context_takeover',
  );
  const asking = { ...TAKEOVER, clientNoContextTakeover: true };
  expect(answerOffers(parseExtensions('permessage-deflate') ?? [], asking)).toMatchObject({
    header: 'permessage-deflate; client_no_context_takeover',
    agreement: { own: { contextTakeover: true }, peer: { contextTakeover: false } },
  });
});

test('§7.1.2.1 a server answers server_max_window_bits with the same or less, and keeps to it', () => {
  for (const offered of BITS) {
    for (const own of [undefined, ...BITS]) {
      const answer = answerOffers(parseExtensions(`permessage-deflate; server_max_window_bits="${offered}"`) ?? [], {
        ...TAKEOVER,
        serverMaxWindowBits: own,
      });
      const bits = Math.min(offered, own ?? 15);
      expect(answer?.header).toBe(`permessage-deflate; server_max_window_bits=${bits}`);
      expect(answer?.agreement.own.windowBits).toBe(bits);
    }
  }
  // §7.1.2.1: it may limit itself without being asked.
  expect(answered('permessage-deflate', { ...TAKEOVER, serverMaxWindowBits: 9 })).toBe(
    'permessage-deflate; server_max_window_bits=9',
  );
});

test('§7.1.2.2 a server limits the client only where the client offers it, never above the offer', () => {
  for (const own of BITS) {
    const options = { ...TAKEOVER, clientMaxWindowBits: own };
    expect(answered('permessage-deflate', options)).toBe('permessage-deflate');
    const limited = own === 15 ? '' : `; client_max_window_bits=${own}`;
    expect(answered('permessage-deflate; client_max_window_bits', options)).toBe(`permessage-deflate${limited}`);
    for (const offered of BITS) {
      const bits = Math.min(own, offered);
      const answer = answerOffers(
        parseExtensions(`permessage-deflate; client_max_window_bits=${offered}`) ?? [],
        options,
      );
      expect(answer?.header).toBe(`permessage-deflate${bits === 15 ? '' : `; client_max_window_bits=${bits}`}`);
      expect(answer?.agreement.peer.windowBits).toBe(bits);
    }
  }
  // Not limited, it may use all of 2^15, whatever we would have liked.
  const unasked = answerOffers(parseExtensions('permessage-deflate') ?? [], { ...TAKEOVER, clientMaxWindowBits: 8 });
  expect(unasked?.agreement.peer.windowBits).toBe(15);
});

test('§7.1 a client offers what it wants', () => {
  expect(offerHeader({})).toBe('permessage-deflate; client_max_window_bits');
  expect(
    offerHeader({
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 10,
    }),
  ).toBe(
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=10',
  );
});

test('§5.1 RFC 6455 §4.1 a client fails on an extension that it did not offer, or one that comes twice', () => {
  expect(judged('', {})).toBeUndefined();
  expect(judged('permessage-deflate', undefined)).toBe('invalid');
  for (const answer of ['x-other', 'permessage-deflate, permessage-deflate', 'permessage-deflate, x', 'constructor']) {
    expect(judged(answer, {}), answer).toBe('invalid');
  }
});

test('§7.1 CVE-2026-2229 a client fails on parameters that are unknown, doubled or have a wrong value', () => {
  for (const parameter of [
    'unknown',
    '__proto__',
    'server_no_context_takeover=1',
    'client_no_context_takeover; client_no_context_takeover',
    'server_max_window_bits',
    'client_max_window_bits',
    ...BAD_BITS.flatMap((bits) => [`server_max_window_bits=${bits}`, `client_max_window_bits=${bits}`]),
  ]) {
    const parsed = parseExtensions(`permessage-deflate; ${parameter}`);
    // What is not a token at all does not even parse, and fails there.
    if (parsed !== undefined) expect(readAnswer(parsed, {}), parameter).toBe('invalid');
  }
});

test('§7.1.1 a client fails when the server does not do without takeover though asked to', () => {
  const asking = { serverNoContextTakeover: true };
  expect(judged('permessage-deflate', asking)).toBe('invalid');
  expect(judged('permessage-deflate; server_no_context_takeover', asking)).toMatchObject({
    own: { contextTakeover: true },
    peer: { contextTakeover: false },
  });
  // §7.1.1.2: what it has said about itself it does, whatever the answer.
  expect(judged('permessage-deflate', { clientNoContextTakeover: true })).toMatchObject({
    own: { contextTakeover: false },
  });
  expect(judged('permessage-deflate; client_no_context_takeover', {})).toMatchObject({
    own: { contextTakeover: false },
  });
});

test('§7.1.2.1 a client fails when the server does not take, or exceeds, the window it was asked for', () => {
  for (const asked of BITS) {
    expect(judged('permessage-deflate', { serverMaxWindowBits: asked })).toBe('invalid');
    for (const got of BITS) {
      const agreement = judged(`permessage-deflate; server_max_window_bits=${got}`, { serverMaxWindowBits: asked });
      if (got > asked) expect(agreement).toBe('invalid');
      else expect(agreement).toMatchObject({ peer: { windowBits: got } });
    }
  }
  expect(judged('permessage-deflate; server_max_window_bits=8', {})).toMatchObject({ peer: { windowBits: 8 } });
});

test('§7.1.2.2 a client keeps to the window that the server gives it, and fails on one above its offer', () => {
  for (const offered of BITS) {
    const options = { clientMaxWindowBits: offered };
    expect(judged('permessage-deflate', options)).toMatchObject({ own: { windowBits: offered } });
    for (const got of BITS) {
      const agreement = judged(`permessage-deflate; client_max_window_bits=${got}`, options);
      if (got > offered) expect(agreement).toBe('invalid');
      else expect(agreement).toMatchObject({ own: { windowBits: got } });
    }
  }
});

test("§7.1.3 the RFC's examples of offers", () => {
  expect(answered('permessage-deflate')).toBe('permessage-deflate');
  expect(answered('permessage-deflate; client_max_window_bits; server_max_window_bits=10')).toBe(
    'permessage-deflate; server_max_window_bits=10',
  );
  expect(
    answered(
      'permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate; client_max_window_bits',
    ),
  ).toBe('permessage-deflate; server_max_window_bits=10');
});
