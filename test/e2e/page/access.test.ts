// The page for everybody: on a phone, in the dark, by keyboard, and for a screen reader.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import { browserTest, say, shown, useBrowsers } from './browser.ts';

const browsers = useBrowsers();
let server: ServerProcess;
let audit: string;
let axe: string;
beforeAll(async () => {
  [server, audit, axe] = await Promise.all([
    startServer(),
    readFile(resolve('test/e2e/page/audit.js'), 'utf8'),
    readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'),
  ]);
});
afterAll(() => server.stop());

const PHONE = { width: 360, height: 640 };
const focused = (page: Page) => page.evaluate('document.activeElement?.id');

/** What the audit finds on a wide and on a narrow screen, in light and in dark. */
async function faultsOf(page: Page): Promise<unknown[]> {
  const faults: unknown[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [{ width: 1440, height: 900 }, PHONE]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      const found = await page.evaluate(audit);
      if (!Array.isArray(found)) throw new Error('The audit gave no list.');
      found.push(...(await axeFaults(page)));
      faults.push(...found.map((fault) => `${colorScheme}, ${viewport.width}: ${fault}`));
    }
  }
  return faults;
}

/** What axe-core finds as the page stands. */
async function axeFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(
    "axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((n) => id + ': ' + n.html)))",
  );
  if (!Array.isArray(found)) throw new Error('axe gave no list.');
  return found.map(String);
}

browserTest('home and the question for a name pass the audit, also with something to complain about', async () => {
  const home = await browsers.open(`${server.url}/`);
  expect(await faultsOf(home)).toEqual([]);
  await home.getByRole('button', { name: 'Enter' }).click();
  expect(await faultsOf(home)).toEqual([]);
  const question = await browsers.open(`${server.url}/rooms/audit`);
  await question.getByRole('button', { name: 'Join' }).click();
  expect(await faultsOf(question)).toEqual([]);
});

browserTest('a conversation passes the audit, with its drawer open and with its server gone', async () => {
  const own = await startServer();
  const { client } = await WireClient.join(own, 'audit', { nick: 'ann' });
  const nicks = ['zoë', 'cyrano', 'dan', 'kit', 'eve', 'mallory', 'tess', 'ümit', 'Ωmega', '名前'];
  for (const [i, nick] of nicks.entries()) {
    client.send({ type: 'nick', nick }, { type: 'say', text: `${i}: bob, ${'averylongword'.repeat(12)}` });
  }
  const bob = await browsers.enter(`${own.url}/rooms/audit`, 'bob', { viewport: PHONE });
  await say(bob, 'Mine');
  await client.say('bob is mentioned, in **bold**, with `code` and https://ünder.example/\n```\na fence\n```');
  await bob.locator('mark').getByText('bob').last().waitFor();
  expect(await faultsOf(bob)).toEqual([]);
  await bob.locator('#search-opener').click();
  await bob.keyboard.type('bob');
  await bob.locator('.found').waitFor();
  expect(await faultsOf(bob)).toEqual([]);
  await bob.keyboard.press('Escape');
  await bob.setViewportSize(PHONE);
  await bob.locator('#people-opener').click();
  await bob.getByRole('complementary').waitFor();
  expect(await bob.evaluate(audit)).toEqual([]);
  await bob.keyboard.press('Escape');
  await own.stop('SIGKILL');
  await bob.locator('#standing[data-kind=lost]').waitFor();
  await say(bob, 'Waiting');
  await bob.locator('#pending .text').waitFor();
  expect(await faultsOf(bob)).toEqual([]);
});

browserTest('on a phone the list of members is a drawer that takes the focus, keeps it and gives it back', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/drawer`, 'bob', { viewport: PHONE, reducedMotion: 'reduce' });
  const opener = bob.getByRole('button', { name: '1 here' });
  expect(await bob.getByRole('complementary').isVisible()).toBe(false);
  expect(await opener.getAttribute('aria-expanded')).toBe('false');
  await opener.click();
  expect(await focused(bob)).toBe('people');
  expect(await opener.getAttribute('aria-expanded')).toBe('true');
  await bob.keyboard.press('Tab');
  expect(await focused(bob)).toBe('people-closer');
  expect(await bob.evaluate('document.getElementById("text").closest("[inert]") !== null')).toBe(true);
  await bob.keyboard.press('Escape');
  expect(await focused(bob)).toBe('people-opener');
  expect(await bob.getByRole('complementary').isVisible()).toBe(false);
});

browserTest('the keyboard reaches everything in its order, and shows where it is', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/keyboard`, 'bob');
  expect(await focused(bob)).toBe('text');
  await say(bob, 'something');
  await shown(bob, 'something');
  await bob.evaluate('document.getElementById("home-link").focus()');
  const order: unknown[] = [];
  for (let i = 0; i < 5; i += 1) {
    await bob.keyboard.press('Tab');
    order.push(await focused(bob));
    const outline = await bob.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).not.toBe('none');
  }
  expect(order).toEqual(['search-opener', 'bell', 'messages', 'text', 'send']);
  await bob.getByLabel('Message', { exact: true }).focus();
  await bob.keyboard.type('one');
  await bob.keyboard.press('Shift+Enter');
  await bob.keyboard.type('two');
  await bob.keyboard.press('Enter');
  await shown(bob, 'one\ntwo');
});

browserTest('new messages are announced once, the history and one’s own are not', async () => {
  const { client } = await WireClient.join(server, 'aloud', { nick: 'ann' });
  await client.say('history');
  const bob = await browsers.enter(`${server.url}/rooms/aloud`, 'bob');
  await say(bob, 'own');
  await shown(bob, 'own');
  await client.say('news');
  await shown(bob, 'news');
  const log = bob.getByRole('log', { name: 'New messages' });
  expect(await log.locator('p').allTextContents()).toEqual(['ann: news']);
  expect(await bob.getByRole('main').count()).toBe(1);
  expect(await bob.getByRole('heading', { level: 1 }).textContent()).toBe('aloud');
  expect(await bob.getByRole('region', { name: 'Messages' }).count()).toBe(1);
});
