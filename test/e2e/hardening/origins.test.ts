// Pages of other sites, and names that were rebound to this machine: refused at every door. Which status for which header
// is in test/e2e/protocol/before-the-upgrade; here, what --allow-origin lets through, and plain requests.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { request, upgradeRequest } from '../../support/raw-http.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
beforeAll(async () => {
  const others = ['--allow-origin', 'https://standard.example.com:443'];
  server = await startServer({ args: ['--allow-origin', 'https://chat.example.com', ...others] });
});
afterAll(() => server.stop());

interface Knock {
  readonly host?: string;
  readonly origins?: readonly string[];
  readonly path?: string;
}

/** The status of the upgrade, and that of a plain GET with the same headers. */
async function statuses({
  host = `127.0.0.1:${server.port}`,
  origins = [],
  path = '/rooms/r',
}: Knock): Promise<number[]> {
  const raw = upgradeRequest(server.port, path);
  const others = raw.headers.slice(1);
  raw.headers = [['Host', host], ...origins.map((origin): [string, string] => ['Origin', origin])];
  const plain = await request(server.port, raw);
  raw.headers.push(...others);
  return [(await request(server.port, raw)).status, plain.status];
}

it.each<[string, Knock]>([
  ['no origin', {}],
  ['an allowed origin', { origins: ['https://chat.example.com'] }],
  ['one that was allowed with its usual port', { origins: ['https://standard.example.com'] }],
  ['the host of an allowed origin', { host: 'chat.example.com', origins: ['https://chat.example.com'] }],
  ['localhost, which a person types', { host: 'localhost' }],
  ['localhost in capitals', { host: 'LOCALHOST' }],
  ['loopback of version 6', { host: '[::1]' }],
  ['another loopback address', { host: '127.8.9.10' }],
])('lets in %s', async (_, knock) => {
  expect(await statuses(knock)).toEqual([101, 200]);
});

it.each<[string, Knock]>([
  ['a subdomain of an allowed one', { origins: ['https://x.chat.example.com'] }],
  ['an allowed name over http', { origins: ['http://chat.example.com'] }],
  ['an allowed name on another port', { origins: ['https://chat.example.com:8443'] }],
  ['two origins, the first an allowed one', { origins: ['https://chat.example.com', 'https://evil.example'] }],
  ['the same allowed origin twice', { origins: ['https://chat.example.com', 'https://chat.example.com'] }],
  ['an origin with a path', { origins: ['https://chat.example.com/x'] }],
  ['an origin with a user', { origins: ['https://chat.example.com@evil.example'] }],
  ['its own name on another port', { origins: ['http://127.0.0.1:1'] }],
  ['null', { origins: ['null'] }],
  ['localhost.evil', { origins: ['http://localhost.evil'] }],
  ['a rebound name', { host: 'evil.com' }],
  ['a rebound name with itself as origin', { host: 'evil.com', origins: ['http://evil.com'] }],
  ['a name that begins like loopback', { host: '127.0.0.1.evil.com' }],
  ['a name that ends like an allowed one', { host: 'evilchat.example.com' }],
  ['an address of no loopback', { host: '192.0.2.1' }],
])('refuses %s', async (_, knock) => {
  expect(await statuses(knock)).toEqual([403, 403]);
  expect((await statuses({ ...knock, path: '/admin' }))[0]).toBe(403);
});
