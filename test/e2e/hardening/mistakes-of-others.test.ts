// The mistakes of others, each fed to the real server. Where a mistake lies in the frames, or is made by a client, its test
// by name is elsewhere, and here is only what it comes to from outside the whole server:
//   ws CVE-2024-37890 (dropped headers)                 here
//   ws CVE-2021-32640 (slow protocol header)            here; test/websocket/properties
//   ws CVE-2016-10542 (size limit)                      here; test/websocket/memory
//   ws CVE-2026-48779 (131,000 one-byte fragments)      here; test/websocket/memory
//   the fragment counter that was never reset           here; test/websocket/conformance/fragmentation
//   websocket-driver CVE-2026-54466 (over 2^53)         here; test/websocket/conformance/framing
//   websocket-driver CVE-2026-54490 (inflated size)     here; test/websocket/conformance/deflate
//   websocket-extensions CVE-2020-7663 (slow quotes)    here; test/websocket/conformance/deflate-parameters
//   libre CVE-2026-50161 (length 0xFFFFFFFFFFFFFFFC)    here; hostile-server
//   undici CVE-2026-1526, -1528, -2229                  hostile-server (a bomb, a length, a window against clients)
//   engine.io CVE-2022-21676 (RSV2 with the upgrade)    here
//   engine.io CVE-2022-41940 (reset while refusing)     here
//   engine.io CVE-2023-31125 (query)                    here
//   socket.io-parser CVE-2023-32695 (toString)          here; shapes
//   Node CVE-2026-21710 (headersDistinct)               here
//   webpack-dev-server CVE-2026-14631 (Host, Origin)    here; test/e2e/protocol/before-the-upgrade
//   Redis CVE-2023-45145 (readable before chmod)        test/log/private-file; private-files
//   torn tails of append-only logs                      test/log/torn-tail, test/e2e/faults/data-directory

import { deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { RawPeer, type RawRequest, request, upgradeRequest } from '../../support/raw-http.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

afterEach(async () => {
  // It lives, serves others, and has caught nothing that it did not expect.
  await (await WireClient.join(server, freshRoom())).client.say('alive');
  expect(server.output()).not.toMatch(/internal error/);
});

async function status(...headers: [string, string][]): Promise<number> {
  const raw = upgradeRequest(server.port, '/rooms/r');
  raw.headers.push(...headers);
  return (await request(server.port, raw)).status;
}

/** The close code that these bytes come to, behind an upgrade that offers compression where `deflate` says so. */
async function closeCode(bytes: Buffer, deflate = false): Promise<number | undefined> {
  const raw = upgradeRequest(server.port, `/rooms/${freshRoom()}`);
  if (deflate) raw.headers.push(['Sec-WebSocket-Extensions', 'permessage-deflate']);
  const peer = await RawPeer.open(server.port);
  peer.socket.write(encode(raw));
  const head = await peer.until(/\r\n\r\n/);
  expect(head).toMatch(/^HTTP\/1\.1 101/);
  peer.received = head.slice(head.indexOf('\r\n\r\n') + 4);
  peer.socket.write(bytes);
  return peer.closeCode();
}

function encode({ method, path, headers }: RawRequest): string {
  return `${method} ${path} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** A client's frame, masked with zeros. */
function masked(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = length < 126 ? [first, 0x80 | length] : [first, 0xfe, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(header), Buffer.alloc(4), payload]);
}

const longLength = (...length: number[]) => Buffer.from([0x81, 0xff, ...length, 0, 0, 0, 0, 0x7b]);

it('ws CVE-2024-37890: more headers than the parser keeps, the upgrade among the dropped ones', async () => {
  const raw = upgradeRequest(server.port, '/rooms/r');
  raw.headers.unshift(...Array.from({ length: 2_000 }, (): [string, string] => ['a', '']));
  const answer = await request(server.port, raw);
  expect(answer.status).toBe(431);
});

it('ws CVE-2021-32640: blanks without end in the list of subprotocols', async () => {
  expect(await status(['Sec-WebSocket-Protocol', `a${' '.repeat(7_000)}b`])).toBe(400);
  expect(await status(['Sec-WebSocket-Protocol', `roomchat.v1${' '.repeat(7_000)}`])).toBe(101);
});

it('ws CVE-2016-10542: a frame that claims to be large', async () => {
  expect(await closeCode(longLength(0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff))).toBe(1009);
});

it('ws CVE-2026-48779: 131,000 fragments of one byte', async () => {
  const fragment = masked(0x00, Buffer.from(' '));
  const first = masked(0x01, Buffer.from(' '));
  expect(await closeCode(Buffer.concat([first, ...Array(131_000).fill(fragment)]))).toBe(1009);
});

it('the fragment counter that was never reset: 128 fragments, three times', async () => {
  const { client } = await WireClient.join(server, freshRoom(), {}, { perMessageDeflate: false });
  for (let round = 0; round < 3; round++) {
    const pieces = ['{"type":"ping"', ...Array(126).fill(' '), '}'];
    for (const [index, piece] of pieces.entries()) client.socket.send(piece, { fin: index === 127 });
  }
  await client.count('pong', 3);
});

it('websocket-driver CVE-2026-54466: a length over 2^53', async () => {
  expect(await closeCode(longLength(0, 0x40, 0, 0, 0, 0, 0, 0))).toBe(1009);
});

it('websocket-driver CVE-2026-54490: 64 KiB that inflate to 64 MiB', async () => {
  const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024)).subarray(0, 65_000);
  expect(await closeCode(masked(0xc1, bomb), true)).toBe(1009);
});

it('websocket-extensions CVE-2020-7663: a quoted string that never ends', async () => {
  const value = `permessage-deflate; x="${'\\"'.repeat(3_500)}`;
  expect(await status(['Sec-WebSocket-Extensions', value])).toBe(400);
});

it('libre CVE-2026-50161: a masked length of 0xFFFFFFFFFFFFFFFC', async () => {
  expect(await closeCode(longLength(255, 255, 255, 255, 255, 255, 255, 252))).toBe(1002);
});

it('engine.io CVE-2022-21676: RSV2 in the same packet as the upgrade', async () => {
  const peer = await RawPeer.open(server.port);
  const head = Buffer.from(encode(upgradeRequest(server.port, `/rooms/${freshRoom()}`)));
  peer.socket.write(Buffer.concat([head, Buffer.from([0xa1, 0x81, 0, 0, 0, 0, 0x7b])]));
  const answer = await peer.until(/\r\n\r\n/);
  peer.received = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  expect(await peer.closeCode()).toBe(1002);
});

it('engine.io CVE-2022-41940: connections that are reset while they are refused', async () => {
  const reset = async (raw: RawRequest): Promise<void> => {
    const peer = await RawPeer.open(server.port);
    peer.socket.write(encode(raw));
    peer.socket.resetAndDestroy();
    await peer.ended;
  };
  for (let i = 0; i < 50; i++) {
    await reset(upgradeRequest(server.port, '/nope'));
    await reset(upgradeRequest(server.port, '/admin'));
    await reset({ ...upgradeRequest(server.port, '/rooms/r'), method: 'POST' });
    await reset(upgradeRequest(server.port, '/rooms/r'));
  }
});

it('engine.io CVE-2023-31125: a query of every strange form', async () => {
  for (const query of [
    '?',
    '?EIO',
    '?EIO=4&EIO=3',
    '?__proto__[x]=y',
    '?a[b][c]=',
    `?${'&'.repeat(5_000)}`,
    '?%',
    '?%zz',
  ]) {
    const raw = upgradeRequest(server.port, `/rooms/r${query}`);
    expect([query, (await request(server.port, raw)).status]).toEqual([query, 101]);
  }
});

it('socket.io-parser CVE-2023-32695: a type that overrides toString', async () => {
  const { client } = await WireClient.join(server, freshRoom());
  client.sendRaw('{"type":{"toString":1},"text":{"toString":"x"}}');
  expect((await client.next('error')).code).toBe('bad_request');
});

it.each<[string, string, string, number]>([
  ['Node CVE-2026-21710: __proto__ as a header', '__proto__', 'x', 101],
  ['__proto__ as a subprotocol', 'Sec-WebSocket-Protocol', '__proto__', 101],
  ['constructor as an extension', 'Sec-WebSocket-Extensions', 'constructor', 101],
  ['__proto__ as an extension’s parameter', 'Sec-WebSocket-Extensions', 'permessage-deflate; __proto__', 101],
  ['a subprotocol that is not ASCII', 'Sec-WebSocket-Protocol', 'r\u00f6m', 400],
  ['webpack-dev-server CVE-2026-14631: a malformed Origin', 'Origin', 'http://[', 403],
  ['webpack-dev-server CVE-2026-14631: an Origin that is no URL', 'Origin', '::::', 403],
])('%s', async (_, name, value, expected) => {
  const raw = upgradeRequest(server.port, '/rooms/r');
  raw.headers.push([name, value]);
  const answer = await request(server.port, raw);
  expect(answer.status).toBe(expected);
  // What nobody knows is declined, not agreed to.
  expect([answer.headers.get('sec-websocket-protocol'), answer.headers.get('sec-websocket-extensions')]).toEqual([
    undefined,
    undefined,
  ]);
});

it.each(['[', '[::1', ':80', 'a b', '127.0.0.1:99999', '%', '127.0.0.1:80:80', '\u0001', '@', '/'])(
  'webpack-dev-server CVE-2026-14631: the malformed Host %j, on every path',
  async (host) => {
    for (const path of ['/rooms/r', '/admin', '/nope']) {
      const raw = upgradeRequest(server.port, path);
      raw.headers = raw.headers.map(([name, value]) => [name, name === 'Host' ? host : value]);
      expect([400, 403]).toContain((await request(server.port, raw)).status);
      const plain = { ...raw, headers: raw.headers.filter(([name]) => name === 'Host') };
      expect([400, 403]).toContain((await request(server.port, plain)).status);
    }
  },
);
