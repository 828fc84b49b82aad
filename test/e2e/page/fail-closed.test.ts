// The page where a room stands open that was protected, and where a link leads into a room that nobody chose.

import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type ServerOptions, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import { browserTest, live, say, texts, useBrowsers } from './browser.ts';
import { scriptedRoom, welcome } from './scripted-room.ts';

const browsers = useBrowsers();

async function start(options: ServerOptions = {}) {
  const data = await mkdtemp(join(tmpdir(), 'roomchat-page-'));
  const server = await startServer({ data, ...options });
  onTestFinished(async () => {
    await server.stop('SIGKILL');
    await rm(data, { recursive: true, force: true });
  });
  return server;
}

const standsOut = (page: Page) => page.getByText('This room had a password and is now open to everybody.').waitFor();
const pending = (page: Page) => page.locator('#pending .text').allTextContents();

browserTest('who was in a protected room is not led into an open one, and keeps what was written', async () => {
  const first = await start();
  await WireClient.join(first, 'vault', { nick: 'ann', password: 'pw' });
  const bob = await browsers.open(`${first.url}/rooms/vault`);
  await bob.getByLabel('Name', { exact: true }).fill('bob');
  await bob.keyboard.press('Enter');
  await bob.getByLabel('Password', { exact: true }).fill('pw');
  await bob.keyboard.press('Enter');
  await live(bob);
  await first.stop('SIGKILL');
  await bob.locator('#standing[data-kind=lost]').waitFor();
  await say(bob, 'the secret');
  const second = await start({ args: ['--port', String(first.port)] });
  await bob.evaluate('dispatchEvent(new Event("online"))');
  await standsOut(bob);
  expect(await pending(bob)).toEqual(['the secret']);
  // Neither a reload nor another tab of this browser has forgotten it.
  await bob.reload();
  await standsOut(bob);
  expect(await pending(bob)).toEqual(['the secret']);
  const another = await bob.context().newPage();
  await another.goto(`${second.url}/rooms/v%61ult`);
  await standsOut(another);
  await expect(access(join(second.data, 'rooms', 'vault'))).rejects.toThrow();
  // Who wants it all the same gets the text back, and decides.
  await bob.getByLabel('Message', { exact: true }).fill('being written');
  await bob.getByRole('button', { name: 'Join the open room' }).click();
  await live(bob);
  expect(await bob.getByLabel('Message', { exact: true }).inputValue()).toBe('the secret\n\nbeing written');
  expect([await pending(bob), await texts(bob)]).toEqual([[], []]);
  const { welcome: seen } = await WireClient.join(second, 'vault', { nick: 'ann' });
  expect([seen.seq, seen.present, seen.protected]).toEqual([0, 2, false]);
});

browserTest('nor by a server of before, which knows no such demand: it hears nothing but the join', async () => {
  const room = await scriptedRoom();
  const entering = browsers.enter(room.url, 'bob');
  const first = await room.connection();
  expect(await first.next('join')).not.toHaveProperty('protected');
  first.send(...welcome({ protected: true }));
  const bob = await entering;
  await say(bob, 'under way');
  await first.next('say');
  first.close(1012);
  // It may dial again before a test can see that it waits.
  await bob.locator('#standing:not([data-kind=well])').waitFor();
  await say(bob, 'the secret');
  await bob.evaluate('dispatchEvent(new Event("online"))');
  const second = await room.connection();
  expect(await second.next('join')).toMatchObject({ protected: true });
  const said = second.next('say');
  second.send(...welcome());
  await standsOut(bob);
  expect(await pending(bob)).toEqual(['under way', 'the secret']);
  const closed = second.closed.then(() => 'closed');
  expect(await Promise.race([said, closed])).toBe('closed');
});

browserTest('a link into a room where this browser was never asks, with the remembered name in the field', async () => {
  const server = await start();
  const bob = await browsers.enter(`${server.url}/rooms/known`, 'bob');
  const { client } = await WireClient.join(server, 'unknown', { nick: 'ann' });
  const linked = await bob.context().newPage();
  await linked.goto(`${server.url}/rooms/unknown`);
  const name = linked.getByLabel('Name', { exact: true });
  await name.waitFor();
  expect(await name.inputValue()).toBe('bob');
  await client.say('nobody but me');
  expect(client.of('joined')).toEqual([]);
  await linked.getByRole('button', { name: 'Join' }).click();
  await live(linked);
  expect((await client.next('joined')).nick).toBe('bob');
  // From now on it is known, as the other one is.
  for (const room of ['unknown', 'known']) {
    const again = await bob.context().newPage();
    await again.goto(`${server.url}/rooms/${room}`);
    await live(again);
  }
});
