// Getting in and being out: the page at `/`, passwords, and the endings that only a person can undo.

import { execa } from 'execa';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import { browserTest, live, say, shown, texts, useBrowsers } from './browser.ts';

const browsers = useBrowsers();
let server: ServerProcess;
beforeAll(async () => {
  server = await startServer({ args: ['--list-rooms'] });
});
afterAll(() => server.stop());

browserTest('the root asks for a room and a name, and a password makes a new room private', async () => {
  const bob = await browsers.open(`${server.url}/`);
  const enter = bob.getByRole('button', { name: 'Enter' });
  await enter.click();
  await bob.getByText('Name a room.').waitFor();
  await bob.getByLabel('Room', { exact: true }).fill('private');
  await bob.getByLabel('Your name', { exact: true }).fill('bob');
  await bob.getByLabel('Password if the room has one').fill('open sesame');
  await enter.click();
  await bob.getByText('The room private is new, and has the password that you gave.').waitFor();
  expect(bob.url()).toBe(`${server.url}/rooms/private`);
  expect(await bob.evaluate('JSON.stringify([localStorage, sessionStorage])')).not.toContain('sesame');
  await WireClient.join(server, 'a-public-one', { nick: 'ann' });
  await bob.goBack();
  await bob.getByRole('heading', { name: 'Which room?' }).waitFor();
  expect(await bob.getByLabel('Your name', { exact: true }).inputValue()).toBe('bob');
  const open = bob.getByRole('region', { name: 'Open rooms' });
  await open.getByText('a-public-one').waitFor();
  expect(await open.textContent()).not.toContain('private');
  await open.getByRole('link', { name: 'a-public-one' }).click();
  await bob.getByRole('heading', { name: 'Choose a name' }).waitFor();
});

browserTest('a room with a password asks for it, says when it is wrong, and lets a reload in without', async () => {
  await WireClient.join(server, 'guarded', { nick: 'ann', password: 'right' });
  const bob = await browsers.open(`${server.url}/rooms/guarded`);
  await bob.getByLabel('Name', { exact: true }).fill('bob');
  await bob.keyboard.press('Enter');
  const password = bob.getByLabel('Password', { exact: true });
  await password.fill('wrong');
  await bob.keyboard.press('Enter');
  await bob.getByText('That is not the password of this room.').waitFor();
  await bob.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await bob.getByText('You have not joined').waitFor();
  await bob.getByRole('button', { name: 'Join again' }).click();
  await password.fill('right');
  await bob.keyboard.press('Enter');
  await live(bob);
  await bob.reload();
  await live(bob);
});

browserTest('who gives a password to an open room is told that it is open', async () => {
  const { client } = await WireClient.join(server, 'wide-open', { nick: 'ann' });
  const bob = await browsers.open(`${server.url}/`);
  await bob.getByLabel('Room', { exact: true }).fill('wide-open');
  await bob.getByLabel('Your name', { exact: true }).fill('bob');
  await bob.getByLabel('Password if the room has one').fill('superfluous');
  await bob.keyboard.press('Enter');
  await bob.getByText('This room has no password').waitFor();
  await client.next('joined');
});

browserTest('a name that no room may have is refused in words', async () => {
  const bob = await browsers.open(`${server.url}/rooms/.hidden`);
  await bob.getByLabel('Name', { exact: true }).fill('bob');
  await bob.keyboard.press('Enter');
  await bob.getByText('This room name is not allowed').waitFor();
});

browserTest('who is kicked is told why, stays out, and may join again', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/kicking`, 'bob');
  const { client, welcome } = await WireClient.join(server, 'kicking', { nick: 'ann' });
  await say(bob, 'rude');
  const { id } = await client.said('rude');
  await execa(process.execPath, [COMMAND, 'admin', 'kick', id, 'rudeness', '--server', server.url], {
    env: server.env,
  });
  await bob.getByText('You were removed from the room: rudeness').waitFor();
  expect(welcome.present).toBe(2);
  // Nor does a reload bring the same client back.
  expect(await bob.evaluate('JSON.stringify(sessionStorage)')).not.toContain(id);
  await bob.getByRole('button', { name: 'Join again' }).click();
  await live(bob);
  expect((await client.next('joined')).id).not.toBe(id);
  await say(bob, 'polite');
  await shown(bob, 'polite');
  expect(await texts(bob)).toEqual(['rude', 'polite']);
});

browserTest(
  'who is banned is told why and does not come back: at once, after a lost connection, after a reload',
  async () => {
    const proxied = await startServer({ args: ['--trust-proxy'] });
    onTestFinished(async () => void (await proxied.stop()));
    const admin = (...args: string[]) =>
      execa(process.execPath, [COMMAND, 'admin', ...args, '--server', proxied.url], { env: proxied.env });
    const from = { extraHTTPHeaders: { 'X-Forwarded-For': '203.0.113.9' } };
    const bob = await browsers.enter(`${proxied.url}/rooms/banning`, 'bob', from);
    await admin('ban', '203.0.113.9', 'rudeness', '--room', 'banning');
    await bob.getByText('You are banned from this room: rudeness').waitFor();
    await bob.getByRole('button', { name: 'Join again' }).click();
    await bob.getByText('You are banned from this room: rudeness').waitFor();
    await admin('unban', '203.0.113.9', '--room', 'banning');
    await bob.getByRole('button', { name: 'Join again' }).click();
    await live(bob);
    // A browser does not say what its upgrade was answered with.
    await admin('ban', '203.0.113.9', 'spam');
    await bob.getByText('You are banned from this server: spam').waitFor();
    await bob.getByRole('button', { name: 'Join again' }).click();
    await bob.getByText('Connecting…').waitFor({ state: 'hidden' });
    await bob.getByText('You are banned from this server: spam').waitFor();
    await bob.reload();
    expect(await bob.locator('body').innerText()).toMatch(/^You are banned from this server: spam\s*$/);
  },
);

browserTest('a new password is nothing to those who are in the room, also after a lost connection', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/changing`, 'bob');
  const { client } = await WireClient.join(server, 'changing', { nick: 'ann' });
  const change = execa(
    process.execPath,
    [COMMAND, 'admin', 'password', 'changing', '--password-file', '-', '--server', server.url],
    {
      env: server.env,
      input: 'fresh\n',
    },
  );
  await change;
  await client.next('key');
  // As the same client, by the key that it was sent: without one it would be asked for the password.
  await bob.reload();
  await live(bob);
  await say(bob, 'still here');
  await client.said('still here');
});

browserTest('a tab that was duplicated goes on as the same member, and the first says so', async () => {
  const bob = await browsers.enter(`${server.url}/rooms/twice`, 'bob');
  const opening = bob.context().waitForEvent('page');
  // A window that a page opens begins with a copy of its session's storage, as a duplicated tab does.
  await bob.evaluate('void open(location.href)');
  const second = await opening;
  await live(second);
  await bob.getByText('You are in this room in another tab or window.').waitFor();
  await say(second, 'from the second');
  await shown(second, 'from the second');
  await bob.getByRole('button', { name: 'Join again' }).click();
  await live(bob);
  await shown(bob, 'from the second');
  await second.locator('#members li').nth(1).waitFor();
});
