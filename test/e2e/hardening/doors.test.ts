// Connections are counted from the moment that they are accepted: whoever opens many leaves places to others.

import { createHook } from 'node:async_hooks';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { startLocalServer } from '../../support/local-server.ts';
import { RawPeer, request, upgradeRequest } from '../../support/raw-http.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import { holdDoors } from './idle-doors.ts';

async function start(...args: readonly string[]): Promise<ServerProcess> {
  const server = await startServer({ args });
  onTestFinished(async () => void (await server.stop()));
  return server;
}

interface Peer {
  readonly socket: Socket;
  /** All that it was answered until it was cut off, or until an answer to a request was whole. */
  readonly answer: Promise<string>;
}

/** Connects from `localAddress` to the server at `host` and sends `text`. */
function knock(port: number, text: string, localAddress: string, host = '127.0.0.1'): Peer {
  const socket = connect({ port, host, localAddress });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write(text);
  const answer = new Promise<string>((resolve) => {
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
      if (/\r\n\r\n.*\n/s.test(received)) resolve(received);
    });
    socket.on('close', () => resolve(received));
  });
  return { socket, answer };
}

const GET = 'GET /nope HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const LAST = GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
const HALF = GET.slice(0, 20);
const statusOf = (answer: string): string | undefined => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];

/** Opens connections that say `text` one after the other until one is refused: how many were not, and the status. */
async function fill(port: number, text: string, from: string, host?: string): Promise<[number, string | undefined]> {
  for (let opened = 0; opened < 5_000; opened++) {
    const peer = knock(port, text, from, host);
    // What is refused is refused when it is accepted; a request that is answered comes after all that were before it.
    await knock(port, LAST, '127.0.0.9').answer;
    if (peer.socket.bytesRead > 0 || peer.socket.destroyed) return [opened, statusOf(await peer.answer)];
  }
  return [5_000, undefined];
}

it.each([
  ['nothing', ''],
  ['half a request', HALF],
])('those of one loopback address that say %s leave a quarter of the places to others', async (_, text) => {
  const { port, url } = await start('--max-clients', '32');
  // 16 may wait beside the clients; one of three quarters of 48 is taken by who asks how many there are.
  const [held, status] = await fill(port, text, '127.0.0.2');
  expect([held, status]).toEqual([36, '503']);
  for (const localAddress of ['127.0.0.3', '127.0.0.4']) {
    const { client } = await WireClient.join({ url }, 'lobby', {}, { localAddress });
    await client.say('in');
  }
});

const stranger = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

it.skipIf(stranger === undefined)('64 of another address may wait, and a 65th is refused with 429', async () => {
  const host = stranger ?? '';
  const { port, url } = await start('--host', '0.0.0.0');
  expect(await fill(port, HALF, host, host)).toEqual([64, '429']);
  const { client } = await WireClient.join({ url }, 'lobby');
  await client.say('in');
});

it('of those that are idle after an answer eight are kept', async () => {
  const { port } = await start();
  const answers: string[] = [];
  for (let i = 0; i < 20; i++) answers.push(await knock(port, GET, '127.0.0.2').answer);
  const kept = answers.filter((answer) => !/^connection: close\r$/im.test(answer));
  expect(answers.map(statusOf)).toEqual(Array(20).fill('404'));
  expect(kept).toHaveLength(8);
});

it('a proxy’s are all kept', async () => {
  const { port } = await start('--trust-proxy');
  for (let i = 0; i < 20; i++) {
    const answer = await knock(port, GET.replace('\r\n\r\n', '\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n'), '127.0.0.2')
      .answer;
    expect(answer).toMatch(/^connection: keep-alive\r$/im);
  }
});

it('a proxy’s are not counted as those of an address, whoever is behind it', async () => {
  const { port, url } = await start('--trust-proxy', '--max-clients', '200');
  for (let i = 0; i < 100; i++) knock(port, HALF, '127.0.0.2');
  const headers = { 'X-Forwarded-For': '203.0.113.7' };
  const { client } = await WireClient.join({ url }, 'lobby', {}, { headers, localAddress: '127.0.0.2' });
  await client.say('in');
});

it('an admin finds a place where clients find none', async () => {
  const server = await start('--max-clients', '1');
  await WireClient.join(server, 'lobby');
  await expect(WireClient.open(server, 'lobby')).rejects.toThrow('503');
  const raw = upgradeRequest(server.port, '/admin');
  raw.headers.push(['Authorization', `Bearer ${await server.adminToken()}`]);
  expect((await request(server.port, raw)).status).toBe(101);
});

it.each(['nothing', 'half a request', 'idle after answers'] as const)(
  'whoever holds all that it can get with %s keeps nobody else out',
  async (kind) => {
    const { counted, violations } = await holdDoors({ kind, cycles: 100, clients: 32, newcomers: 10 });
    expect(violations).toEqual([]);
    expect(counted.connections).toBeGreaterThanOrEqual(100);
  },
);

it('an answer that nobody takes is given up', async () => {
  const server = await startLocalServer({ limits: { stalledAnswer: 200 } });
  onTestFinished(() => server.stop());
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  // More answers than the system would take for a peer that does not read; and all requests in one read of the server, or
  // it would be the time for the last of them that runs out.
  socket.write('GET /metrics HTTP/1.1\r\nHost:[::1]\r\n\r\n'.repeat(1_600));
  // Who does not read learns of the end by writing.
  const again = setInterval(() => socket.write('\r\n'), 50);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(again);
});

it('a client costs no timer of its own', async () => {
  const clients = 20;
  const server = await startLocalServer();
  onTestFinished(() => server.stop());
  let timers = 0;
  const hook = createHook({ init: (_id, type) => void (type === 'Timeout' && timers++) }).enable();
  onTestFinished(() => void hook.disable());
  for (let i = 0; i < clients; i++) {
    const peer = await RawPeer.upgraded(server.port, '/rooms/lobby');
    onTestFinished(() => void peer.socket.destroy());
  }
  // One in a second, for all.
  expect(timers).toBeLessThan(clients / 2);
});
