// People in browsers and on a terminal in one room, over the real command.

import { execa } from 'execa';
import { afterAll, beforeAll, expect } from 'vitest';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { browserTest, live, say, shown, texts, useBrowsers } from './browser.ts';
import { enterScripted } from './scripted-room.ts';

const browsers = useBrowsers();
let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const roomchat = (...args: readonly string[]) =>
  execa(process.execPath, [COMMAND, ...args, '--server', server.url], { env: server.env, reject: false });

browserTest('two browsers and a terminal see the same conversation', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/talk`, 'bob');
  const ann = await browsers.enter(`${server.url}/rooms/talk`, 'ann');
  const terminal = roomchat('join', 'talk', '--nick', 'tess');
  await bob.locator('#members').getByText('tess').waitFor();

  await say(bob, 'Hello from a browser');
  await shown(ann, 'Hello from a browser');
  await roomchat('say', 'talk', 'Hello from a script', '--nick', 'sam');
  await shown(bob, 'Hello from a script');
  await say(ann, 'Two lines:\nthis is the second');
  await shown(bob, 'Two lines:\nthis is the second');
  const expected = ['Hello from a browser', 'Hello from a script', 'Two lines:\nthis is the second'];
  await shown(ann, 'Two lines:\nthis is the second');
  expect(await texts(bob)).toEqual(expected);
  expect(await texts(ann)).toEqual(expected);
  await bob.locator('#pending li').waitFor({ state: 'detached' });

  await bob.locator('#members').getByText('bob').waitFor();
  expect(await bob.locator('#members li').allTextContents()).toEqual(['ann', 'bob you', 'tess']);
  terminal.kill('SIGINT');
  const { stdout } = await terminal;
  expect(stdout).toContain('bob: Hello from a browser');
  expect(stdout).toContain('ann: Two lines:');
  await bob.getByText('tess left').waitFor();
});

browserTest('a mention stands out, and whoever looks elsewhere sees the count in the title', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/mentions`, 'bob');
  expect(await bob.title()).toBe('mentions · roomchat');
  // What a browser does when another window comes to the front, which a headless one has not got.
  await bob.evaluate('document.hasFocus = () => false');
  await roomchat('say', 'mentions', 'Is Bob, or bobby, here?', '--nick', 'ann');
  await shown(bob, 'Is Bob, or bobby, here?');
  expect(await bob.locator('mark').allTextContents()).toEqual(['Bob']);
  expect(await bob.title()).toBe('(1) mentions · roomchat');
  await bob.evaluate('delete document.hasFocus; dispatchEvent(new Event("focus"))');
  expect(await bob.title()).toBe('mentions · roomchat');
});

browserTest('notices and directs of the server are told apart from what members say', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/server-words`, 'bob');
  await roomchat('admin', 'broadcast', 'server-words', 'Back at six');
  await bob.getByText('Back at six').first().waitFor();
  const clients = await roomchat('admin', 'clients', 'server-words', '--json');
  const id = /"id":"([^"]+)"/.exec(clients.stdout)?.[1] ?? '';
  await roomchat('admin', 'dm', id, 'Only for you');
  const direct = bob.locator('.server.direct');
  await direct.waitFor();
  expect(await direct.locator('b').textContent()).toBe('The server, to you alone');
  expect(await bob.locator('.server:not(.direct) b').textContent()).toBe('The server');
});

browserTest('a nick is asked for once, refused where it is taken, and changed with /nick', async () => {
  const url = `${server.url}/rooms/names`;
  const bob = await browsers.enter(url, 'bob');
  await say(bob, 'first');
  await shown(bob, 'first');
  const other = await browsers.open(url);
  const name = other.getByLabel('Name', { exact: true });
  await name.fill('not a name');
  await other.keyboard.press('Enter');
  await other.getByText('without spaces').waitFor();
  await name.fill('BOB');
  await other.keyboard.press('Enter');
  await other.locator('#nick-answer-problem:not(:empty)').waitFor();
  await name.fill('bobby');
  await other.keyboard.press('Enter');
  await live(other);
  await say(other, '/nick robert');
  await bob.getByText('bobby is now robert').waitFor();
  await say(other, '/qiut');
  await other.locator('#hint').getByText('Commands are').waitFor();
  await say(other, '//slash');
  await shown(bob, '/slash');
  expect(await texts(bob)).toEqual(['first', '/slash']);
});

browserTest('a text that the room does not take comes back to the field, before what is being written', async () => {
  const { page: bob, server } = await enterScripted(browsers, 'bob');
  await say(bob, 'refused');
  const { ref } = await server.next('say');
  const field = bob.getByLabel('Message', { exact: true });
  await field.fill('being written');
  server.send({ type: 'error', code: 'not_saved', message: 'The disk is full.', ref });
  await bob.locator('#hint').getByText('The disk is full.').waitFor();
  expect(await field.inputValue()).toBe('refused\n\nbeing written');
  await bob.locator('#pending li').waitFor({ state: 'detached' });
});
