// What a plain GET of a room's URL is answered with.

import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

async function start(...args: readonly string[]): Promise<ServerProcess> {
  const server = await startServer({ args });
  onTestFinished(async () => {
    await server.stop();
  });
  return server;
}

const hashOf = (text: string | undefined) =>
  `'sha256-${createHash('sha256')
    .update(text ?? '')
    .digest('base64')}'`;

test('a room’s URL and the root give one page that loads nothing, with a policy of hashes', async () => {
  const { url } = await start();
  const response = await fetch(`${url}/rooms/lobby`);
  expect(response.status).toBe(200);
  const html = await response.text();
  expect(await (await fetch(`${url}/`)).text()).toBe(html);
  expect(html).not.toMatch(/<(link|img|iframe|script)[^>]+(src|href)="(?!data:)/);
  expect(html).not.toMatch(/\s(style|on[a-z]+)=/);

  const policy = new Map(
    response.headers
      .get('content-security-policy')
      ?.split('; ')
      .map((directive) => [directive.split(' ')[0], directive.slice(directive.indexOf(' ') + 1)]),
  );
  expect(policy.get('script-src')).toBe(hashOf(/<script[^>]*>(.*)<\/script>/s.exec(html)?.[1]));
  expect(policy.get('style-src')).toBe(hashOf(/<style>(.*)<\/style>/s.exec(html)?.[1]));
  expect(policy.get('connect-src')).toBe("'self'");
  for (const name of ['default-src', 'base-uri', 'form-action', 'frame-ancestors']) {
    expect(policy.get(name)).toBe("'none'");
  }
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(response.headers.get('cache-control')).toBe('no-cache');
});

test('a browser that has the page is told so', async () => {
  const { url } = await start();
  const page = `${url}/rooms/lobby`;
  const tag = (await fetch(page)).headers.get('etag') ?? '';
  const ask = (known: string) => fetch(page, { headers: { 'If-None-Match': known } });
  const known = await ask(tag);
  expect(known.status).toBe(304);
  expect(await known.text()).toBe('');
  expect(known.headers.get('etag')).toBe(tag);
  expect((await ask(`"other", W/${tag}`)).status).toBe(304);
  expect((await ask('"other"')).status).toBe(200);
  const head = await fetch(page, { method: 'HEAD' });
  expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1000);
  expect(await head.text()).toBe('');
});

test('the rooms that are open are listed where the server’s owner wants that, never those with a password', async () => {
  const server = await startServer({ args: ['--list-rooms'] });
  onTestFinished(async () => void (await server.stop()));
  await WireClient.join(server, 'ops', { nick: 'ann' });
  await WireClient.join(server, 'lobby', { nick: 'ann' });
  await WireClient.join(server, 'lobby', { nick: 'cy' });
  await WireClient.join(server, 'vault', { nick: 'ann', password: 'pw' });
  const list = await fetch(`${server.url}/rooms`);
  const rooms = [
    { name: 'lobby', present: 2 },
    { name: 'ops', present: 1 },
  ];
  expect(await list.json()).toEqual({ rooms });
  expect(list.headers.get('access-control-allow-origin')).toBe(null);
  expect(list.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  const foreign = await fetch(`${server.url}/rooms`, { headers: { Origin: 'https://evil.example' } });
  expect(foreign.status).toBe(403);
});

test('without the flag nobody is told, and a browser can install the page', async () => {
  const { url } = await start();
  expect((await fetch(`${url}/rooms`)).status).toBe(404);
  const manifest = await fetch(`${url}/manifest.webmanifest`);
  expect(manifest.headers.get('content-type')).toBe('application/manifest+json');
  expect(await manifest.json()).toMatchObject({ name: 'roomchat', start_url: '.', display: 'standalone' });
  expect((await fetch(`${url}/`)).headers.get('content-security-policy')).toContain("manifest-src 'self'");
});

test('with --no-web there is no page', async () => {
  const { url } = await start('--no-web');
  expect((await fetch(`${url}/rooms/lobby`)).status).toBe(426);
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/manifest.webmanifest`)).status).toBe(404);
});
