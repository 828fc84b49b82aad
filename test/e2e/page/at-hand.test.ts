// What people reach for in a room: what a message sets off, search, sharing, names, a draft, whom to ignore, the bell, paper.

import { execa } from 'execa';
import { afterAll, beforeAll, expect } from 'vitest';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import { browserTest, live, say, shown, texts, useBrowsers } from './browser.ts';
import { enterScripted, scriptedRoom, welcome } from './scripted-room.ts';

const browsers = useBrowsers();
let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const message = (seq: number, text: string, nick = 'ann', at = Date.now()) => ({
  type: 'message',
  seq,
  at,
  id: nick,
  nick,
  text,
});

browserTest('links, code and bold are shown as such, and a link says where it leads', async () => {
  const { page: bob, server } = await enterScripted(browsers, 'bob');
  const noon = new Date(2026, 10, 22, 12, 0, 7).getTime();
  server.send(
    message(1, 'see https://a.example/x_(y), **bob** and `<b>`', 'ann', noon),
    message(2, 'so:\n```\n<script>\n  1\n```\nyes', 'ann', noon + 4 * 60_000),
    message(3, 'http://пример.example/ http://good.example@bad.example/ http://1.2', 'ann', noon + 10 * 60_000),
    message(4, 'javascript:alert(1) http://[ data:text/html,x', 'cy', noon + 10 * 60_000),
  );
  await shown(bob, 'javascript:alert(1) http://[ data:text/html,x');
  const links = bob.locator('#rows a');
  expect(
    await links.evaluateAll((all) => all.map((a) => ['href', 'rel', 'target', 'dir'].map((n) => a.getAttribute(n)))),
  ).toEqual([
    ['https://a.example/x_(y)', 'noopener noreferrer', '_blank', 'ltr'],
    ['http://xn--e1afmkfd.example/', 'noopener noreferrer', '_blank', 'ltr'],
    ['http://good.example@bad.example/', 'noopener noreferrer', '_blank', 'ltr'],
    ['http://1.0.0.2/', 'noopener noreferrer', '_blank', 'ltr'],
  ]);
  expect(await links.locator('small').allTextContents()).toEqual([
    ' (xn--e1afmkfd.example)',
    ' (bad.example)',
    ' (1.0.0.2)',
  ]);
  expect(await bob.locator('#rows strong mark').allTextContents()).toEqual(['bob']);
  expect(await bob.locator('#rows code').allTextContents()).toEqual(['<b>', '<script>\n  1']);
  // Under one name within five minutes, with the whole time for who asks.
  expect(await bob.locator('#rows .message .head:not(.unseen)').count()).toBe(3);
  expect(await bob.locator('#rows .message').first().getAttribute('title')).toBe('Sunday 22 November 2026, 12:00:07');
});

browserTest('a new room says how it is shared, and a few messages stand at the bottom', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/fresh`, 'bob', {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await bob.getByText('Nothing has been said here yet').waitFor();
  expect(await bob.locator('#topic').isHidden()).toBe(true);
  await bob.getByRole('img', { name: 'This room is open to everybody' }).waitFor();
  await bob.getByRole('button', { name: 'Copy link' }).click();
  await bob.getByText('Copied.').waitFor();
  expect(await bob.evaluate('navigator.clipboard.readText()')).toBe(`${server.url}/rooms/fresh`);
  await say(bob, 'first');
  await shown(bob, 'first');
  expect(await bob.locator('#sharing').isHidden()).toBe(true);
  const gap = await bob.evaluate(
    'messages.getBoundingClientRect().bottom - rows.lastElementChild.getBoundingClientRect().bottom',
  );
  expect(Math.abs(Number(gap))).toBeLessThan(8);
});

browserTest('the header says that a room is protected, and what it is about', async () => {
  const room = await scriptedRoom();
  const bob = await browsers.open(room.url);
  await bob.getByLabel('Name', { exact: true }).fill('bob');
  await bob.keyboard.press('Enter');
  const connection = await room.connection();
  await connection.next('join');
  connection.send(...welcome({ protected: true, topic: '<b>Ships</b> on Friday' }));
  await live(bob);
  await bob.getByRole('img', { name: 'This room has a password' }).waitFor();
  expect(await bob.locator('#topic').textContent()).toBe('<b>Ships</b> on Friday');
  await bob.getByText('Whoever has this link and the password can join:').waitFor();
});

browserTest('what is new since somebody looked stands under a line, at the next visit too', async () => {
  const { client } = await WireClient.join(server, 'news', { nick: 'ann' });
  await client.say('old');
  const bob = await browsers.enter(`${server.url}/rooms/news`, 'bob');
  await shown(bob, 'old');
  await bob.evaluate('document.hasFocus = () => false');
  await client.say('new');
  await client.say('newer');
  await shown(bob, 'newer');
  const marked = bob.locator('#rows .message', { has: bob.locator('.new') });
  expect(await marked.locator('.text').allTextContents()).toEqual(['new']);
  await bob.evaluate('delete document.hasFocus; dispatchEvent(new Event("focus"))');
  await bob.evaluate('document.hasFocus = () => false');
  await client.say('newest');
  await shown(bob, 'newest');
  await expect.poll(() => marked.locator('.text').allTextContents()).toEqual(['newest']);
  await bob.evaluate('delete document.hasFocus; dispatchEvent(new Event("focus"))');
  await bob.goto('about:blank');
  await client.say('while away');
  await bob.goto(`${server.url}/rooms/news`);
  await shown(bob, 'while away');
  expect(await marked.locator('.text').allTextContents()).toEqual(['while away']);
});

browserTest('the composer keeps a draft, completes nicks, and brings back what was typed', async () => {
  const { client } = await WireClient.join(server, 'typing', { nick: 'annika' });
  await WireClient.join(server, 'typing', { nick: 'andrew' });
  const bob = await browsers.enter(`${server.url}/rooms/typing`, 'bob');
  await client.say('hello');
  await shown(bob, 'hello');
  await bob.locator('#members li').nth(2).waitFor();
  const field = bob.getByLabel('Message', { exact: true });
  await field.pressSequentially('AN');
  // Who spoke last comes first, then the others in turn.
  for (const offered of ['annika: ', 'andrew: ', 'annika: ']) {
    await bob.keyboard.press('Tab');
    expect(await field.inputValue()).toBe(offered);
  }
  await field.pressSequentially('ask @and');
  await bob.keyboard.press('Tab');
  expect(await field.inputValue()).toBe('annika: ask andrew ');
  await bob.reload();
  await live(bob);
  expect(await field.inputValue()).toBe('annika: ask andrew ');
  await field.focus();
  await bob.keyboard.press('Enter');
  await say(bob, 'second');
  await shown(bob, 'second');
  for (const recalled of ['second', 'annika: ask andrew ', 'annika: ask andrew ']) {
    await bob.keyboard.press('ArrowUp');
    expect(await field.inputValue()).toBe(recalled);
  }
  await bob.keyboard.press('ArrowDown');
  await bob.keyboard.press('ArrowDown');
  expect(await field.inputValue()).toBe('');
  // What is being written is never replaced.
  await field.fill('writing');
  await bob.keyboard.press('ArrowUp');
  expect(await field.inputValue()).toBe('writing');
  await field.fill('');
  const other = await bob.context().newPage();
  await other.goto(`${server.url}/rooms/typing`);
  await live(other);
  expect(await other.getByLabel('Message', { exact: true }).getAttribute('placeholder')).toBe(
    'Write to typing as bob2',
  );
});

browserTest('who is ignored is not heard, under another name neither, until that ends', async () => {
  const { client: eve } = await WireClient.join(server, 'quiet', { nick: 'eve' });
  const { client: ann } = await WireClient.join(server, 'quiet', { nick: 'ann' });
  await eve.say('noise');
  const bob = await browsers.enter(`${server.url}/rooms/quiet`, 'bob');
  await shown(bob, 'noise');
  await bob.locator('#members li').nth(2).waitFor();
  await say(bob, '/ignore eve');
  await bob.getByText('You ignore eve now').waitFor();
  await say(bob, '/ignore bob');
  await bob.getByText('That is you.').waitFor();
  eve.send({ type: 'nick', nick: 'adam' });
  await eve.next('renamed');
  await eve.say('bob, more noise');
  await ann.say('sense');
  await shown(bob, 'sense');
  expect(await texts(bob)).toEqual(['sense']);
  expect(await bob.locator('#announcements p').allTextContents()).toEqual(['ann: sense']);
  await bob.reload();
  await shown(bob, 'sense');
  expect(await texts(bob)).toEqual(['sense']);
  await say(bob, '/unignore eve');
  await bob.getByText('You hear eve again').waitFor();
  await bob.reload();
  await shown(bob, 'bob, more noise');
  expect(await texts(bob)).toEqual(['noise', 'bob, more noise', 'sense']);
});

browserTest('the bell tells of mentions while nobody looks, once it was asked to', async () => {
  const { client } = await WireClient.join(server, 'bell', { nick: 'ann' });
  const bob = await browsers.open(`${server.url}/`, { permissions: ['notifications'] });
  // A headless browser shows no notifications; what it would show is noted.
  await bob.addInitScript(`
    window.told = [];
    window.Notification = class { static permission = 'granted'; static requestPermission = async () => 'granted';
      constructor(title, { body }) { told.push(title + ': ' + body); } };`);
  await bob.goto(`${server.url}/rooms/bell`);
  await bob.getByLabel('Name', { exact: true }).fill('bob');
  await bob.keyboard.press('Enter');
  await live(bob);
  const bell = bob.getByRole('button', { name: 'Notify me when I am mentioned' });
  const hide = (state: string) =>
    bob.evaluate(`Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${state}' })`);
  await hide('hidden');
  await client.say('bob: not yet');
  await shown(bob, 'bob: not yet');
  await hide('visible');
  await bell.click();
  await expect.poll(() => bell.getAttribute('aria-pressed')).toBe('true');
  await client.say('bob: you look');
  await shown(bob, 'bob: you look');
  await hide('hidden');
  await client.say('nobody');
  await client.say('bob: come');
  await shown(bob, 'bob: come');
  expect(await bob.evaluate('told')).toEqual(['ann in bell: bob: come']);
});

browserTest('after a kick nothing looks alive', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/dead`, 'bob');
  await say(bob, 'rude');
  await shown(bob, 'rude');
  const clients = await execa(
    process.execPath,
    [COMMAND, 'admin', 'clients', 'dead', '--json', '--server', server.url],
    { env: server.env },
  );
  const id = /"id":"([^"]+)"/.exec(clients.stdout)?.[1] ?? '';
  await execa(process.execPath, [COMMAND, 'admin', 'kick', id, '--server', server.url], { env: server.env });
  const again = bob.getByRole('button', { name: 'Join again' });
  await again.waitFor();
  const field = bob.getByLabel('Message', { exact: true });
  expect(await field.isDisabled()).toBe(true);
  expect(await field.getAttribute('placeholder')).toBe('You are not in this room.');
  expect(await bob.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
  await expect.poll(() => bob.locator('#members li').count()).toBe(0);
  expect(await bob.locator('#people .present').textContent()).toBe('0');
  await again.click();
  await live(bob);
  expect(await field.isEnabled()).toBe(true);
});

browserTest('paper has the whole history', async () => {
  const { page: bob, server } = await enterScripted(browsers, 'bob');
  server.send(...Array.from({ length: 1000 }, (_, i) => message(i + 1, `line ${i + 1}`)));
  await shown(bob, 'line 1000');
  const rows = bob.locator('#rows > .message');
  expect(await rows.count()).toBeLessThan(200);
  await bob.evaluate(
    `addEventListener('beforeprint', () => { window.printed = document.querySelectorAll('#rows > .message').length; })`,
  );
  const pdf = await bob.pdf();
  expect(await bob.evaluate('printed')).toBe(1000);
  // A page of paper has no more than a hundred lines.
  expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(9);
  await expect.poll(() => rows.count()).toBeLessThan(200);
});
