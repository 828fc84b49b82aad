// An owner's evening on the page: its commands, what the others see, and a refused text that stands in the field again.

import { afterAll, beforeAll, expect } from 'vitest';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { browserTest, live, say, shown, useBrowsers } from './browser.ts';

const browsers = useBrowsers();
let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

browserTest('an owner keeps order on the page, also after a reload', async () => {
  const url = `${server.url}/rooms/evening`;
  const ann = await browsers.enter(url, 'ann');
  const bob = await browsers.enter(url, 'bob');
  const field = bob.getByLabel('Message', { exact: true });
  await say(ann, '/topic Tea at five');
  await bob.getByText('The topic is now: Tea at five').waitFor();
  await say(ann, '/readonly on');
  await bob.getByText('The room is read-only: only its owners can write.').waitFor();
  await say(bob, '//hi');
  await bob.getByText('Not sent: This room is read-only').first().waitFor();
  expect(await field.inputValue()).toBe('//hi');
  await say(bob, '/kick ann');
  await bob.getByText('Only an owner of this room can do that.').waitFor();

  await ann.reload();
  await live(ann);
  await say(ann, '/owner');
  await ann.getByText(/The key of this room's owners: [\w-]{43}/).waitFor();
  await say(ann, '/mute bob');
  await ann.getByText('bob is muted for 10 minutes.').waitFor();
  await bob.getByText('You are muted in this room for 10 minutes.', { exact: true }).waitFor();
  await say(ann, '/unmute bob');
  await bob.getByText('You can write again.', { exact: true }).waitFor();
  await say(ann, '/readonly off');
  await bob.getByText('Everybody can write again.').waitFor();
  await say(bob, '//hi');
  await shown(ann, '/hi');
  await say(ann, '/kick bob');
  await bob.getByText('You were removed from the room.').waitFor();
});
