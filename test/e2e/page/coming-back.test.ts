// What holds when the page, the connection or the server goes away: nothing is lost, and nothing is there twice.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import { browserTest, live, say, shown, texts, useBrowsers } from './browser.ts';
import { scriptedRoom, welcome } from './scripted-room.ts';

const browsers = useBrowsers();

async function startIn(data: string, args: readonly string[] = []): Promise<ServerProcess> {
  const server = await startServer({ data, args });
  onTestFinished(async () => {
    await server.stop();
  });
  return server;
}

async function dataDirectory(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'roomchat-page-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  return data;
}

/** As a browser does it that finds its network again: without waiting for the back-off. */
async function comeBack(page: Page): Promise<void> {
  await page.evaluate('dispatchEvent(new Event("online"))');
  await live(page);
}

browserTest('a reload resumes: the same member, unnoticed by the others', async () => {
  const server = await startIn(await dataDirectory());
  const bob = await browsers.enter(`${server.url}/rooms/reload`, 'bob');
  await say(bob, 'before');
  await shown(bob, 'before');
  const { client } = await WireClient.join(server, 'reload', { nick: 'ann' });
  await bob.reload();
  await live(bob);
  await say(bob, 'after');
  const after = await client.said('after');
  const before = client.of('message').find(({ text }) => text === 'before');
  expect(after.id).toBe(before?.id);
  expect(after.nick).toBe('bob');
  expect(client.of('left')).toEqual([]);
  expect(client.of('joined')).toEqual([]);
  await shown(bob, 'after');
  expect(await texts(bob)).toEqual(['before', 'after']);
  expect(await bob.locator('.own .text').allTextContents()).toEqual(['before', 'after']);
});

browserTest(
  'a server that is killed and comes back has everything once, in the order in which it was said',
  async () => {
    const data = await dataDirectory();
    let server = await startIn(data);
    const url = `${server.url}/rooms/killed`;
    const bob = await browsers.enter(url, 'bob');
    const ann = await browsers.enter(url, 'ann');
    const said: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      for (const when of ['up', 'down']) {
        for (let i = 0; i < 4; i += 1) {
          said.push(`${round} ${when} ${i}`);
          await say(bob, `${round} ${when} ${i}`);
        }
        if (when === 'up') await server.stop('SIGKILL');
      }
      server = await startIn(data, ['--port', String(server.port)]);
      await Promise.all([bob, ann].map(comeBack));
      await Promise.all([bob, ann].map((page) => shown(page, `${round} down 3`)));
    }
    expect(await texts(bob)).toEqual(said);
    expect(await texts(ann)).toEqual(said);
    await bob.locator('#pending li').waitFor({ state: 'detached' });
    const { client } = await WireClient.join(server, 'killed', { nick: 'cy' });
    expect(client.of('message').map(({ text }) => text)).toEqual(said);
  },
);

browserTest(
  'what was sent and not seen back outlives a reload, and is sent again only where it was not saved',
  async () => {
    const room = await scriptedRoom();
    const bob = await browsers.open(room.url);
    await bob.getByLabel('Name', { exact: true }).fill('bob');
    await bob.keyboard.press('Enter');
    const first = await room.connection();
    await first.next('join');
    first.send(...welcome());
    await live(bob);
    await say(bob, 'saved');
    await say(bob, 'not saved');
    const saved = await first.next('say');
    const unsaved = await first.next('say');
    expect(await bob.locator('#pending .text').allTextContents()).toEqual(['saved', 'not saved']);

    await bob.reload();
    const second = await room.connection();
    expect(await second.next('join')).toMatchObject({ nick: 'bob', resume: { id: 'me', key: 'k', attempt: 1 } });
    const line = { type: 'message', seq: 1, at: Date.now(), id: 'me', nick: 'bob', text: 'saved', ref: saved.ref };
    const [welcomed, nowLive] = welcome({ seq: 1 });
    second.send(welcomed ?? {}, line, nowLive ?? {});
    expect(await second.next('say')).toEqual(unsaved);
    await shown(bob, 'saved');
    expect(await bob.locator('#pending .text').allTextContents()).toEqual(['not saved']);
    await say(bob, 'another');
    const another = await second.next('say');
    // Refs are unique for an id, and this is still the same one.
    expect([saved.ref, unsaved.ref]).not.toContain(another.ref);

    second.close(1012);
    const third = await room.connection();
    const resume = { id: 'me', attempt: 2 };
    expect(await third.next('join')).toMatchObject({ since: 1, sinceAt: line.at, epoch: 'e1', resume });
    // A server may start the replay a little early.
    third.send(...welcome({ seq: 1 }), line, { ...line, seq: 2, text: 'not saved', ref: unsaved.ref });
    third.send({ ...line, seq: 3, text: 'another', ref: another.ref });
    await shown(bob, 'another');
    expect(await texts(bob)).toEqual(['saved', 'not saved', 'another']);
    await bob.locator('#pending li').waitFor({ state: 'detached' });
  },
);

browserTest('another log is read from its beginning, and what was not seen back goes there', async () => {
  const room = await scriptedRoom();
  const bob = await browsers.open(room.url);
  await bob.getByLabel('Name', { exact: true }).fill('bob');
  await bob.keyboard.press('Enter');
  const first = await room.connection();
  await first.next('join');
  const old = { type: 'message', seq: 7, at: Date.now(), id: 'ann', nick: 'ann', text: 'of the old log' };
  first.send(...welcome({ seq: 7 }), old);
  await shown(bob, 'of the old log');
  await say(bob, 'unseen');
  const { ref } = await first.next('say');
  first.close(1012);
  const second = await room.connection();
  expect(await second.next('join')).toMatchObject({ since: 7, epoch: 'e1' });
  second.send({ type: 'error', code: 'epoch_changed', message: 'The history is gone.' });
  second.send(...welcome({ id: 'me2', epoch: 'e2' }), { ...old, seq: 1, text: 'of the new log' });
  expect(await second.next('say')).toEqual({ type: 'say', text: 'unseen', ref });
  await shown(bob, 'of the new log');
  expect(await texts(bob)).toEqual(['of the new log']);
});

browserTest('what came while the connection was lost is counted for who listens, not read aloud', async () => {
  const room = await scriptedRoom();
  const bob = await browsers.open(room.url);
  await bob.getByLabel('Name', { exact: true }).fill('bob');
  await bob.keyboard.press('Enter');
  const first = await room.connection();
  await first.next('join');
  const message = (seq: number) => ({
    type: 'message',
    seq,
    at: Date.now(),
    id: 'ann',
    nick: 'ann',
    text: `no. ${seq}`,
  });
  first.send(...welcome(), message(1));
  await shown(bob, 'no. 1');
  first.close(1012);
  const second = await room.connection();
  await second.next('join');
  const [welcomed, nowLive] = welcome({ seq: 4 });
  second.send(welcomed ?? {}, message(2), message(3), message(4), nowLive ?? {}, message(5));
  await shown(bob, 'no. 5');
  expect(await bob.locator('#announcements p').allTextContents()).toEqual([
    'ann: no. 1',
    '3 messages arrived while you were disconnected.',
    'ann: no. 5',
  ]);
});

browserTest('silence for 40 seconds is a lost connection, and a pong is no silence', async () => {
  const room = await scriptedRoom();
  const bob = await browsers.open(room.url);
  await bob.clock.install();
  await bob.reload();
  await bob.getByLabel('Name', { exact: true }).fill('bob');
  await bob.keyboard.press('Enter');
  const first = await room.connection();
  await first.next('join');
  first.send(...welcome());
  await live(bob);
  for (let i = 0; i < 3; i += 1) {
    await bob.clock.runFor(20_000);
    await first.next('ping');
    // The notice is there to be waited for.
    first.send({ type: 'pong' }, { type: 'notice', seq: i + 1, at: Date.now(), text: `pong ${i}` });
    await shown(bob, `pong ${i}`);
  }
  await bob.clock.runFor(36_000);
  expect(await bob.locator('#standing').getAttribute('data-kind')).toBe('well');
  const said = await wordsOf(bob, '#standing');
  await bob.clock.runFor(8_000);
  await bob.clock.runFor(3_000);
  const second = await room.connection();
  expect(await second.next('join')).toMatchObject({ since: 3, resume: { id: 'me' } });
  expect(await said()).toContain('The server has sent nothing for 40 seconds.');
});

/** Notes all that an element says from now on: the page may say something else before a test can look. */
async function wordsOf(page: Page, selector: string): Promise<() => Promise<string>> {
  await page.evaluate(`
    const element = document.querySelector(${JSON.stringify(selector)});
    window.seen = [];
    new MutationObserver(() => window.seen.push(element.textContent))
      .observe(element, { childList: true, characterData: true, subtree: true });
  `);
  return async () => String(await page.evaluate('window.seen.join("\\n")'));
}
