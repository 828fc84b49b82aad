// Accepting and refusing upgrades on real sockets, also those that are reset, dead or hostile meanwhile.
import { createServer } from 'node:http';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { accept, checkUpgrade, type Handshake, isRefusal, refuse } from '../../src/websocket/index.ts';
import { connectTcp, listen, REQUEST, Recorder, readUntil, serve, upgradeTcp } from './endpoints.ts';
import { frame, readFrames } from './wire.ts';

const HANDSHAKE: Handshake = { key: 'dGhlIHNhbXBsZSBub25jZQ==', protocols: ['v1', 'v2'], extensions: [] };

function request(...more: string[]): string {
  return REQUEST.replace(/\r\n$/, `${more.map((line) => `${line}\r\n`).join('')}\r\n`);
}

async function answerTo(bytes: string, options: Parameters<typeof serve>[0] = {}): Promise<string> {
  const endpoint = await serve(options);
  const socket = await connectTcp(endpoint.port);
  socket.write(bytes, 'latin1');
  const answer = await readUntil(socket, (soFar) => soFar.includes('\r\n\r\n'));
  return answer.toString('latin1');
}

test('RFC 6455 §4.2.2 the 101 has what a client needs, and nothing that it did not offer', async () => {
  expect(await answerTo(REQUEST, { compression: {} })).toBe(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
  );
  expect(await answerTo(request('Sec-WebSocket-Protocol: v1, v2'))).toContain('\r\nSec-WebSocket-Protocol: v1\r\n');
  const offer = 'Sec-WebSocket-Extensions: x-other, permessage-deflate; client_max_window_bits';
  expect(await answerTo(request(offer))).not.toContain('Extensions');
  expect(await answerTo(request(offer), { compression: {} })).toContain(
    '\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n',
  );
  const traps =
    'Sec-WebSocket-Extensions: constructor, __proto__; toString, permessage-deflate; server_max_window_bits=1000';
  expect(await answerTo(request(traps), { compression: {} })).not.toContain('Extensions');
});

test('a subprotocol that was not offered is a mistake of the caller', () => {
  const socket = new Socket();
  for (const protocol of ['v3', 'v1\r\nX: y']) {
    expect(() => accept(HANDSHAKE, socket, Buffer.alloc(0), { protocol })).toThrow(TypeError);
  }
  expect(() => accept(HANDSHAKE, new PassThrough(), Buffer.alloc(0), {})).toThrow(TypeError);
});

test('what comes together with the request is not lost, and not told before the caller is done', async () => {
  const recorder = new Recorder();
  const endpoint = await serve({}, (socket) => {
    socket.handler = recorder;
    expect(recorder.messages).toEqual([]);
  });
  const behind = Buffer.concat(['a', 'b', 'c'].map((payload) => frame('client', { opcode: 1, payload })));
  await upgradeTcp(endpoint.port, behind);
  await recorder.when((self) => self.messages.length === 3);
  expect(recorder.messages).toEqual(['a', 'b', 'c']);
});

test('CVE-2022-21676 a frame with RSV2 right behind the request fails that connection alone', async () => {
  const recorder = new Recorder();
  const endpoint = await serve({ handler: recorder });
  const peer = await upgradeTcp(endpoint.port, frame('client', { rsv: 0x20, opcode: 1, payload: 'x' }));
  const [close] = readFrames(await readUntil(peer));
  expect(close?.payload.readUInt16BE(0)).toBe(1002);
  await recorder.whenClosed();
  await upgradeTcp(endpoint.port);
});

test('a socket that died before it was accepted is reported as closed, once', async () => {
  const server = createServer();
  const recorder = new Recorder();
  const client = await connectTcp(await listen(server));
  server.on('upgrade', (incoming, socket, head) => {
    const handshake = checkUpgrade(incoming);
    if (isRefusal(handshake)) throw new Error(handshake.message);
    socket.on('error', () => {});
    socket.once('close', () => {
      setImmediate(() => {
        const websocket = accept(handshake, socket, head, { handler: recorder });
        websocket.send('into the void');
      });
    });
    socket.resume();
    client.resetAndDestroy();
  });
  client.write(REQUEST);
  await recorder.whenClosed();
  expect(recorder.end).toEqual({ code: 1006, reason: '' });
  expect(recorder.ends).toBe(1);
});

test('a refusal is a whole HTTP response, and the connection ends', async () => {
  const cases: [string, RegExp][] = [
    [request().replace('13', '8'), /^HTTP\/1\.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n/],
    [request().replace('GET', 'POST'), /^HTTP\/1\.1 405 Method Not Allowed\r\nAllow: GET\r\n/],
    [request().replace('dGhl', 'x'), /^HTTP\/1\.1 400 Bad Request\r\n/],
    [request('Sec-WebSocket-Protocol: sch\xf6n'), /^HTTP\/1\.1 400 /],
  ];
  for (const [bytes, status] of cases) {
    const endpoint = await serve();
    const socket = await connectTcp(endpoint.port);
    socket.write(bytes, 'latin1');
    const answer = (await readUntil(socket)).toString('latin1');
    expect(answer).toMatch(status);
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(body).toMatch(/^.+\.\n$/);
  }
});

test('a refusal reaches a client that has sent more than was read', async () => {
  const endpoint = await serve();
  const socket = await connectTcp(endpoint.port);
  socket.write(Buffer.concat([Buffer.from(request().replace('13', '8')), Buffer.alloc(1_000_000)]));
  expect((await readUntil(socket)).toString()).toContain('understood.\n');
});

test('CVE-2022-41940 clients that reset the connection while they are refused do no harm', async () => {
  const refusal = { status: 403, headers: {}, message: 'Not this way.' };
  for (const late of [false, true]) {
    for (let i = 0; i < 20; i++) {
      const server = createServer();
      const client = await connectTcp(await listen(server));
      const gone = new Promise((resolve) => {
        server.on('upgrade', (_incoming, socket) => {
          socket.once('close', resolve);
          client.resetAndDestroy();
          if (!late) {
            // The reset is under way while the answer is written.
            refuse(socket, refusal);
            return;
          }
          socket.once('error', () => {});
          socket.once('close', () => refuse(socket, refusal));
          socket.resume();
        });
      });
      client.write(REQUEST);
      await gone;
    }
  }
});

test('CVE-2024-37890 2,000 short headers do no harm, whatever Node makes of them', async () => {
  const flood = Array.from({ length: 2000 }, (_, i) => `x${i}:`);
  const before = REQUEST.replace('Upgrade: websocket', `${flood.join('\r\n')}\r\nUpgrade: websocket`);
  for (const bytes of [request(...flood), before]) {
    const endpoint = await serve();
    const socket = await connectTcp(endpoint.port);
    socket.write(bytes);
    const answer = await readUntil(socket, (soFar) => soFar.includes('\r\n\r\n'));
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 (101|400|431) /);
    await upgradeTcp(endpoint.port);
  }
});
