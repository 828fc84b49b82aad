// Dialling real servers: what becomes of each way to fail, TLS, and that no event is missed.
import { createServer as createHttpsServer } from 'node:https';
import { expect, test } from 'vitest';
import { acceptValue } from '../../src/websocket/handshake.ts';
import { accept, checkUpgrade, DialError, type DialOptions, dial, isRefusal } from '../../src/websocket/index.ts';
import { CERT, KEY } from './certificate.ts';
import { listen, Recorder, readUntil, serve, serveTcp } from './endpoints.ts';
import { frame } from './wire.ts';

async function kindOf(url: string, options: DialOptions = {}): Promise<string> {
  try {
    (await dial(url, options)).terminate();
    return 'opened';
  } catch (error) {
    if (error instanceof DialError) return error.kind;
    throw error;
  }
}

async function secureServer(): Promise<number> {
  const server = createHttpsServer({ cert: CERT, key: KEY });
  server.on('upgrade', (request, socket, head) => {
    const handshake = checkUpgrade(request);
    if (isRefusal(handshake)) throw new Error(handshake.message);
    const websocket = accept(handshake, socket, head, {});
    websocket.handler = {
      message: (data, binary) => websocket.send(data, binary),
      drained() {},
      closed() {},
    };
  });
  return await listen(server);
}

test('what comes together with the 101 is not lost, and not told before the dialler has a handler', async () => {
  const port = await serveTcp(async (socket) => {
    const request = (await readUntil(socket, (bytes) => bytes.includes('\r\n\r\n'))).toString();
    const key = /^sec-websocket-key: (.*)\r$/im.exec(request)?.[1] ?? '';
    const head = `HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptValue(key)}\r\n\r\n`;
    const frames = ['a', 'b'].map((payload) => frame('server', { opcode: 1, payload }));
    const close = frame('server', { opcode: 8, payload: Buffer.from([3, 232]) });
    socket.end(Buffer.concat([Buffer.from(head), ...frames, close]));
  });
  const socket = await dial(`ws://127.0.0.1:${port}/`);
  const recorder = new Recorder();
  socket.handler = recorder;
  await recorder.whenClosed();
  expect(recorder.messages).toEqual(['a', 'b']);
  expect(recorder.end).toEqual({ code: 1000, reason: '' });
});

test('http: URLs are dialled as ws: URLs are', async () => {
  const endpoint = await serve();
  expect(await kindOf(endpoint.url.replace('ws:', 'http:'))).toBe('opened');
});

test('a server that is not there, or goes away in between, is unreachable', async () => {
  const gone = await serveTcp((socket) => socket.destroy());
  expect(await kindOf(`ws://127.0.0.1:${gone}/`)).toBe('unreachable');
  const halfWay = await serveTcp((socket) => socket.end('HTTP/1.1 101 Switching'));
  expect(await kindOf(`ws://127.0.0.1:${halfWay}/`)).not.toBe('opened');
  expect(await kindOf('ws://127.0.0.1:1/')).toBe('unreachable');
  expect(await kindOf('ws://[::1]:1/')).toBe('unreachable');
});

test('a server that says nothing is unreachable when the time is up', async () => {
  const silent = await serveTcp(() => {});
  expect(await kindOf(`ws://127.0.0.1:${silent}/`, { timeout: 20 })).toBe('unreachable');
  const endless = await serveTcp((socket) => {
    socket.write('HTTP/1.1 500 Oh\r\nContent-Length: 1000\r\n\r\nbegun');
  });
  expect(await kindOf(`ws://127.0.0.1:${endless}/`, { timeout: 50 })).toBe('unreachable');
});

test('a signal gives up, before and during the handshake', async () => {
  const silent = await serveTcp((socket) => socket.on('data', () => controller.abort(new Error('no more'))));
  const controller = new AbortController();
  await expect(dial(`ws://127.0.0.1:${silent}/`, { signal: controller.signal })).rejects.toThrow('no more');
  await expect(dial(`ws://127.0.0.1:${silent}/`, { signal: controller.signal })).rejects.toThrow('no more');
});

test('wss: with a certificate that is trusted opens, both ways', async () => {
  const port = await secureServer();
  for (const scheme of ['wss', 'https']) {
    const recorder = new Recorder();
    const socket = await dial(`${scheme}://127.0.0.1:${port}/`, { tls: { ca: CERT }, handler: recorder });
    const large = 'x'.repeat(60_000);
    socket.send(large);
    socket.send('small');
    await recorder.when((self) => self.messages.length === 2);
    expect(recorder.messages).toEqual([large, 'small']);
    socket.close();
    await recorder.whenClosed();
    expect(recorder.end?.code).toBe(1000);
  }
});

test('TLS that fails is told apart: an unknown certificate, another host, no TLS at all', async () => {
  const port = await secureServer();
  expect(await kindOf(`wss://127.0.0.1:${port}/`)).toBe('tls');
  expect(await kindOf(`wss://127.0.0.1:${port}/`, { tls: { ca: CERT, servername: 'elsewhere.example' } })).toBe('tls');
  const plain = await serve();
  expect(await kindOf(plain.url.replace('ws:', 'wss:'))).toBe('tls');
});
