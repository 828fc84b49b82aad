// An upgrade on a connection that has carried plain requests: never are their answers among the WebSocket's frames.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { masked, RawPeer, upgradeRequest } from '../../support/raw-http.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;

function upgrade(): string {
  const { headers } = upgradeRequest(server.port, '');
  return `GET /rooms/r HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** The statuses of all answers in what was received, whatever else is in it. */
const statuses = (received: string): string[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => `${code}`);

it.each([
  ['one request', 1, '/nope'],
  ['two requests', 2, '/nope'],
  ['a page', 1, '/rooms/r'],
  ['many pages', 40, '/rooms/r'],
])('is refused behind %s without an answer yet', async (_, count, path) => {
  const peer = await RawPeer.open(server.port);
  peer.socket.write(get(path).repeat(count) + upgrade());
  await peer.ended;
  const answers = statuses(peer.received);
  expect(answers).not.toContain('101');
  expect(answers.at(-1)).toBe('400');
  expect(peer.received).toMatch(/An upgrade has to wait until earlier requests are answered\.\n$/);
});

it('comes to pass once they are answered, and then nothing but frames comes', async () => {
  const peer = await RawPeer.open(server.port);
  for (let i = 0; i < 3; i++) {
    peer.received = '';
    peer.socket.write(get('/nope'));
    await peer.until(/Rooms are at [^\n]*\n$/);
  }
  peer.received = '';
  peer.socket.write(Buffer.concat([Buffer.from(upgrade()), masked(0x81, '{"type":"join"}')]));
  await peer.until(/"type":"live"/);
  expect(statuses(peer.received)).toEqual(['101']);
  peer.socket.destroy();
});

it('answers what is no request once, and says so', async () => {
  const peer = await RawPeer.open(server.port);
  peer.socket.write('NONSENSE\r\n\r\n');
  await peer.ended;
  expect(peer.received).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(peer.received).toMatch(/This is not an HTTP request\.\n$/);
});
