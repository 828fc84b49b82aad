// A long history: loaded whole, drawn only where it is looked at, and standing still while it is read.

import { afterAll, beforeAll, expect } from 'vitest';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import { browserTest, say, shown, texts, useBrowsers } from './browser.ts';

const LINES = 50_000;
/** Far more than fit into any view with its margins, and far fewer than there are. */
const MOST_ROWS = 200;

const browsers = useBrowsers();
let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
  const { client } = await WireClient.join(server, 'long', { nick: 'ann' });
  const text = (i: number) => `line ${i}${i % 7 === 0 ? `, which is longer: ${'word '.repeat(i % 60)}` : ''}`;
  for (let i = 1; i <= LINES; i += 500) {
    client.send(...Array.from({ length: 500 }, (_, j) => ({ type: 'say', text: text(i + j) })));
    await client.fence();
  }
  client.send({ type: 'say', text: 'the last line', ref: 'last' });
  await client.said('the last line');
  client.socket.close();
});
afterAll(() => server.stop());

const rows = '#rows > li';

browserTest('fifty thousand lines are there from the first to the last, and only those in view are drawn', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/long`, 'bob');
  await shown(bob, 'the last line');
  expect(await bob.locator(rows).count()).toBeLessThan(MOST_ROWS);
  // One row more for each day that the history touches.
  expect(Number(await bob.locator(rows).last().getAttribute('aria-setsize'))).toBeGreaterThan(LINES);
  expect(await bob.locator('#announcements p').count()).toBe(0);

  await bob.getByLabel('Messages', { exact: true }).focus();
  await bob.keyboard.press('Home');
  await shown(bob, 'line 1');
  expect(await bob.locator(rows).count()).toBeLessThan(MOST_ROWS);
  expect((await texts(bob)).slice(0, 3)).toEqual(['line 1', 'line 2', 'line 3']);

  await bob.keyboard.press('End');
  await shown(bob, 'the last line');
  // Nothing is written: the composer has no use for the key.
  await bob.getByLabel('Message', { exact: true }).focus();
  await bob.keyboard.press('Home');
  await shown(bob, 'line 1');

  await bob.getByRole('button', { name: 'Search this room' }).click();
  await bob.keyboard.type('LINE  25000');
  await bob.locator('#search-count').getByText('1 of 1', { exact: true }).waitFor();
  expect(await bob.locator('.found .text').textContent()).toMatch(/^line 25000/);
  await bob.getByPlaceholder('Search this room').fill('longer ann');
  await bob.locator('#search-count').getByText('7,142 of 7,142').waitFor();
  await bob.keyboard.press('Enter');
  await bob.locator('#search-count').getByText('7,141 of 7,142').waitFor();
  await bob.locator('.found', { hasText: 'line 49987' }).waitFor();
  await bob.keyboard.press('Shift+Enter');
  await bob.locator('.found', { hasText: 'line 49994' }).waitFor();
  await bob.keyboard.press('Escape');
  expect(await bob.evaluate('document.activeElement.id')).toBe('text');
  await bob.keyboard.press('Home');

  await bob.getByRole('button', { name: 'Jump to latest' }).click();
  await bob.locator('#to-end').waitFor({ state: 'hidden' });
  await shown(bob, 'the last line');
  await bob.getByText('the last line').last().scrollIntoViewIfNeeded();
});

browserTest('who reads the past stays there while new messages come, and is told how many', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/long`, 'bob');
  await shown(bob, 'the last line');
  await bob.locator('#messages').evaluate((messages) => {
    messages.scrollTop = messages.scrollHeight / 2;
  });
  await bob.getByRole('button', { name: 'Jump to latest' }).waitFor();
  // Measured rows are as high as they are: from now on nothing moves.
  const middle = bob.locator(rows).nth(20);
  const text = await middle.textContent();
  const before = await middle.boundingBox();
  const { client } = await WireClient.join(server, 'long', { nick: 'cy', last: 0 });
  await client.say('news one');
  await client.say('news two');
  await bob.getByRole('button', { name: '2 new messages' }).waitFor();
  const same = bob.locator(rows).filter({ hasText: text ?? '' });
  expect((await same.first().boundingBox())?.y).toBe(before?.y);
  expect(await bob.locator('#announcements p').allTextContents()).toEqual(['cy: news one', 'cy: news two']);
  await say(bob, 'back to the end');
  await shown(bob, 'back to the end');
  await shown(bob, 'news two');
});
