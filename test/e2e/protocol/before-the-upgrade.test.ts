// Refusals before the upgrade: which status for what, and which comes first where a request breaks several rules.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RawPeer, type RawRequest, request, upgradeRequest } from '../../support/raw-http.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer({ args: ['--allow-origin', 'https://chat.example.com'] });
});
afterAll(() => server.stop());

type Change = (request: RawRequest) => void;

const set =
  (name: string, ...values: string[]): Change =>
  (raw) => {
    raw.headers = raw.headers.filter(([other]) => other !== name);
    for (const value of values) raw.headers.push([name, value]);
  };

async function status(path: string, ...changes: Change[]): Promise<number> {
  const raw = upgradeRequest(server.port, path);
  for (const change of changes) change(raw);
  return (await request(server.port, raw)).status;
}

it('accepts an upgrade that nothing is wrong with', async () => {
  expect(await status(`/rooms/${freshRoom()}`)).toBe(101);
});

describe('431', () => {
  it('for headers of more than 8 KiB, or more than 100 of them', async () => {
    expect(await status('/rooms/r', set('X-Pad', 'x'.repeat(9_000)))).toBe(431);
    expect(await status('/rooms/r', set('X-Many', ...Array.from({ length: 96 }, () => 'y')))).toBe(431);
    expect(await status('/rooms/r', set('X-Many', ...Array.from({ length: 95 }, () => 'y')))).toBe(101);
    expect(await status('/rooms/r', set('X-Many', ...Array.from({ length: 2_500 }, () => '')))).toBe(431);
  });
});

describe('400', () => {
  it.each<[string, Change]>([
    ['no Host', set('Host')],
    ['two Hosts', set('Host', '127.0.0.1', '127.0.0.1')],
    ['no key', set('Sec-WebSocket-Key')],
    ['a key that is not 16 bytes', set('Sec-WebSocket-Key', 'c2hvcnQ=')],
    ['two keys', set('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ==')],
    ['a subprotocol that is not ASCII', set('Sec-WebSocket-Protocol', 'r\u00f6m')],
  ])('for %s', async (_, change) => {
    expect(await status('/rooms/r', change)).toBe(400);
  });

  it('for a path that cannot be decoded', async () => {
    expect(await status('/rooms/%zz')).toBe(400);
    expect(await status('/rooms/%ff')).toBe(400);
  });
});

describe('403', () => {
  it.each([
    'https://evil.example',
    'null',
    'http://localhost.evil',
    'http://127.0.0.1.evil.com',
    'not an origin',
    'file://',
    '://',
    'http://chat.example.com',
    'https://chat.example.com.evil.com',
  ])('for a page of the origin %s', async (origin) => {
    for (const path of ['/rooms/r', '/admin']) expect(await status(path, set('Origin', origin))).toBe(403);
  });

  it.each(['evil.com', '127.0.0.1.evil.com', 'localhost.evil.com:80', 'chat.evil.example.com'])(
    'for the host %s, on a server bound to loopback',
    async (host) => {
      expect(await status('/rooms/r', set('Host', host))).toBe(403);
      expect(await status('/admin', set('Host', host))).toBe(403);
    },
  );

  it('not for its own page, for an allowed one, nor where no page is behind it', async () => {
    const own = `http://127.0.0.1:${server.port}`;
    expect(await status('/rooms/r')).toBe(101);
    expect(await status('/rooms/r', set('Origin', own))).toBe(101);
    expect(await status('/rooms/r', set('Origin', 'https://chat.example.com'))).toBe(101);
    expect(await status('/rooms/r', set('Host', `localhost:${server.port}`))).toBe(101);
  });

  it('or 400 for two origins', async () => {
    const own = `http://127.0.0.1:${server.port}`;
    expect([400, 403]).toContain(await status('/rooms/r', set('Origin', own, 'https://evil.example')));
  });
});

it('404 for a path that is neither a room nor the control path', async () => {
  for (const path of ['/', '/nope', '/rooms', '/rooms/', '/rooms/a/b', '/admin/x', '/rooms/../admin']) {
    expect([path, await status(path)]).toEqual([path, 404]);
  }
});

it('405 for another method than GET', async () => {
  const post: Change = (raw) => {
    raw.method = 'POST';
  };
  expect(await status('/rooms/r', post)).toBe(405);
});

it('426 for another version, and says which one it speaks', async () => {
  const raw = upgradeRequest(server.port, '/rooms/r');
  set('Sec-WebSocket-Version', '12')(raw);
  const response = await request(server.port, raw);
  expect(response.status).toBe(426);
  expect(response.headers.get('sec-websocket-version')).toBe('13');
});

describe('where several rules are broken, the first of the order answers', () => {
  const post: Change = (raw) => {
    raw.method = 'POST';
  };
  const breaks: [number, Change][] = [
    [431, set('X-Pad', 'x'.repeat(9_000))],
    [400, set('Sec-WebSocket-Key', 'short')],
    [403, set('Origin', 'https://evil.example')],
    [405, post],
    [426, set('Sec-WebSocket-Version', '12')],
  ];
  // The path decides 404 and 401, so each request breaks those two by where it goes.
  const order = [431, 400, 403, 404, 405, 426, 401];
  const cases = ['/nope', '/admin', '/rooms/r'].flatMap((path) => {
    const byPath: number[] = path === '/nope' ? [404] : path === '/admin' ? [401] : [];
    return Array.from({ length: 2 ** breaks.length }, (_, bits) => {
      const broken = breaks.filter((_, index) => (bits & (1 << index)) !== 0);
      const statuses = [...byPath, ...broken.map(([code]) => code)];
      return { path, broken, statuses, wanted: order.find((code) => statuses.includes(code)) ?? 101 };
    });
  });

  it.each(cases)('$path, $statuses: $wanted', async ({ path, broken, wanted }) => {
    expect(await status(path, ...broken.map(([, change]) => change))).toBe(wanted);
  });
});

describe('429 and 503', () => {
  it('refuse the 257th connection of one address, then those for whom there is no place', async () => {
    // A quarter of the places is for addresses that have none.
    const proxied = await startServer({ args: ['--trust-proxy', '--max-clients', '342'] });
    onTestFinished(async () => void (await proxied.stop()));
    const from = (address: string, path = '/rooms/r', ...changes: Change[]) => {
      const raw = upgradeRequest(proxied.port, path);
      for (const change of [set('X-Forwarded-For', address), ...changes]) change(raw);
      return request(proxied.port, raw).then((response) => response.status);
    };
    const headers = { 'X-Forwarded-For': '198.51.100.7' };
    const clients: WireClient[] = [];
    for (let i = 0; i < 256; i++) clients.push(await WireClient.open(proxied, 'r', { headers }));
    expect(await from('198.51.100.7')).toBe(429);
    // Room for one more, of another address.
    const other = await WireClient.open(proxied, 'r', { headers: { 'X-Forwarded-For': '198.51.100.8' } });
    expect(await from('198.51.100.8')).toBe(503);
    expect(await from('198.51.100.7'), 'both: 429 comes first').toBe(429);
    expect(await from('198.51.100.7', '/rooms/r', set('Sec-WebSocket-Version', '12'))).toBe(426);
    expect(await from('198.51.100.7', '/admin')).toBe(401);
    // Those inside go on, and a place that is given up is free again.
    await other.join();
    await clients[0]?.leave();
    const { client } = await WireClient.join(proxied, 'r', {}, { headers });
    await client.say('in');
  });

  it('503 where the server is full', async () => {
    const small = await startServer({ args: ['--max-clients', '1'] });
    onTestFinished(async () => void (await small.stop()));
    const { client } = await WireClient.join(small, 'r');
    expect((await request(small.port, upgradeRequest(small.port, '/rooms/r'))).status).toBe(503);
    await client.leave();
    await WireClient.join(small, 'r');
  });
});

it('lives on when peers reset the connection while they are refused', async () => {
  for (let i = 0; i < 50; i++) {
    const peer = await RawPeer.open(server.port);
    const headers = 'Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
    await new Promise((sent) => peer.socket.write(`GET /nope HTTP/1.1\r\n${headers}\r\n`, sent));
    peer.socket.resetAndDestroy();
  }
  expect(await status(`/rooms/${freshRoom()}`)).toBe(101);
  expect(server.output()).not.toContain('internal error');
});
