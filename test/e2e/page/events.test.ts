// What a browser does with the plain interface: an EventSource of the page's own origin comes back by itself, and a form of
// another site cannot speak.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { browserTest, useBrowsers } from './browser.ts';

const browsers = useBrowsers();

async function startIn(data: string, ...args: readonly string[]): Promise<ServerProcess> {
  const server = await startServer({ data, args });
  onTestFinished(async () => void (await server.stop()));
  return server;
}

async function dataDirectory(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'roomchat-events-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  return data;
}

const say = (server: ServerProcess, text: string): Promise<Response> =>
  fetch(`${server.url}/rooms/es`, { method: 'POST', body: text });

browserTest('an EventSource resumes by itself after the server has restarted, each line once', async () => {
  const data = await dataDirectory();
  let server = await startIn(data);
  for (const text of ['one', 'two', 'three']) await say(server, text);
  const page = await browsers.open(`${server.url}/rooms/es`);
  await page.evaluate(`
    globalThis.got = [];
    globalThis.source = new EventSource('/rooms/es/log?since=1');
    source.onmessage = ({ data, lastEventId }) => got.push(lastEventId + ' ' + data);
  `);
  const has = (count: number) =>
    eventually(`it has ${count} events`, 25_000, async () => (await page.evaluate('got.length')) === count);
  await has(2);
  await say(server, 'live');
  await has(3);
  await server.stop();
  server = await startIn(data, '--port', String(server.port));
  await say(server, 'after');
  await has(4);
  const log = (await readFile(join(data, 'rooms', 'es', 'log.ndjson'), 'utf8')).trimEnd().split('\n').slice(1);
  expect(await page.evaluate('globalThis.got')).toEqual(log.map((line) => `${JSON.parse(line).seq} ${line}`));
});

browserTest('a form of another site says nothing, and its page reads nothing', async () => {
  const server = await startIn(await dataDirectory());
  await say(server, 'own');
  const room = `${server.url}/rooms/es`;
  const other = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<form method="post" enctype="text/plain" action="${room}"><input name="a" value="b"></form>`);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    other.closeAllConnections();
    other.close();
  });
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  for (const host of ['127.0.0.1', 'localhost']) {
    const page = await browsers.open(`http://${host}:${port}/`);
    const read = page.waitForResponse(`${room}/log`);
    await page.evaluate(`fetch('${room}/log', { mode: 'no-cors' })`);
    expect((await read).status()).toBe(403);
    const answered = page.waitForResponse(room);
    await page.evaluate('document.forms[0].submit()');
    expect((await answered).status()).toBe(403);
  }
  expect(await (await fetch(`${room}/log`)).text()).toMatch(/^[^\n]*"text":"own"[^\n]*\n$/);
});
