// What somebody wrote is text, whoever it was; and the page is held to its own script.

import { expect } from 'vitest';
import { browserTest, live, texts, useBrowsers } from './browser.ts';
import { scriptedRoom, welcome } from './scripted-room.ts';

const browsers = useBrowsers();

const HOSTILE = [
  '<script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 1">',
  '</p></li></ol><svg onload="window.hacked = 1">',
  '<a href="javascript:window.hacked = 1">bob</a>',
  '&lt;b&gt; {{constructor.constructor("window.hacked = 1")()}}',
];

browserTest('markup in texts, nicks, notices, directs and errors is shown as it was written', async () => {
  const room = await scriptedRoom();
  const bob = await browsers.open(room.url);
  await bob.getByLabel('Name', { exact: true }).fill('bob');
  await bob.keyboard.press('Enter');
  const server = await room.connection();
  await server.next('join');
  server.send(...welcome());
  await live(bob);
  const at = Date.now();
  // A server would refuse these nicks; the page relies on no server.
  server.send(
    ...HOSTILE.map((text, i) => ({ type: 'message', seq: i + 1, at, id: `x${i}`, nick: text, text })),
    { type: 'notice', seq: 10, at, text: HOSTILE[0] },
    { type: 'direct', at, text: HOSTILE[1] },
    { type: 'joined', at, id: 'j', nick: HOSTILE[1] },
    { type: 'members', members: HOSTILE.map((nick, i) => ({ id: `x${i}`, nick })), present: HOSTILE.length },
    { type: 'error', code: 'unknown', message: HOSTILE[0] },
  );
  await bob
    .locator('.note')
    .getByText(HOSTILE[0] ?? '')
    .waitFor();
  expect(await texts(bob)).toEqual(HOSTILE);
  expect(await bob.locator('#rows .message .nick').allTextContents()).toEqual(HOSTILE);
  expect((await bob.locator('#members .nick').allTextContents()).toSorted()).toEqual(HOSTILE.toSorted());
  expect(await bob.locator(':is(main, aside) :is(script, img, svg, a[href^="javascript"])').count()).toBe(0);
  expect(await bob.evaluate('window.hacked')).toBe(undefined);
});

browserTest('a line that is none ends the connection in words', async () => {
  const room = await scriptedRoom();
  const bob = await browsers.open(room.url);
  await bob.getByLabel('Name', { exact: true }).fill('bob');
  await bob.keyboard.press('Enter');
  const server = await room.connection();
  await server.next('join');
  server.send(...welcome(), []);
  await bob.getByText('The server broke the protocol: ').waitFor();
  await bob.getByRole('button', { name: 'Join again' }).waitFor();
});

browserTest('the policy stops every script, style, frame and request that is not the page’s own', async () => {
  const room = await scriptedRoom();
  const bob = await browsers.open(room.url);
  await bob.evaluate(`
    const make = (name, properties) => document.body.append(Object.assign(document.createElement(name), properties));
    make('style', { textContent: 'body { color: red }' });
    make('img', { src: 'http://127.0.0.1:9/x.png' });
    make('iframe', { src: 'http://127.0.0.1:9/' });
    make('base', { href: 'http://127.0.0.1:9/' });
    fetch('http://127.0.0.1:9/').catch(() => {});
    const attempts = [
      () => document.body.setAttribute('onclick', 'window.hacked = 1'),
      () => { document.body.innerHTML = '<b>markup</b>'; },
      () => make('script', { textContent: 'window.hacked = 1' }),
    ];
    for (const attempt of attempts) try { attempt(); } catch {}
  `);
  const complaints: string[] = [];
  const refused = ['style-src', 'img-src', 'default-src', 'base-uri', 'connect-src', 'TrustedHTML', 'TrustedScript'];
  await expect
    .poll(() => {
      complaints.push(...browsers.takeComplaints());
      return refused.filter((name) => !complaints.some((complaint) => complaint.includes(name)));
    })
    .toEqual([]);
  await bob.evaluate('document.body.click()');
  expect(await bob.evaluate('window.hacked')).toBe(undefined);
  complaints.push(...browsers.takeComplaints());
});
