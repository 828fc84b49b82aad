// `roomchat admin` about what holds in a room: set, mute, unmute, with what a client is told, and what the lists show.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../support/command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const admin = (...args: string[]) => run(['admin', ...args, '--server', server.url], { env: server.env });

it('the admin sets what holds in a room, mutes a client there, and sees both', async () => {
  const { client: bob, welcome } = await WireClient.join(server, 'ruled', { nick: 'bob' });
  await bob.leave();
  // Who made the room may write all the same.
  const { client: cat, welcome: cats } = await WireClient.join(server, 'ruled', { nick: 'cat' });
  expect(welcome.owner).toBeDefined();
  const set = await admin('set', 'ruled', '--topic', 'Tea\x1b[2J', '--readonly', 'on', '--slow', '10s');
  expect(set.stdout).toBe('ruled: topic "Tea␛[2J"; read-only; slow mode, 10 seconds.\n');
  expect(await cat.next('settings')).toMatchObject({ topic: 'Tea\x1b[2J', readonly: true, slow: 10 });
  expect((await admin('rooms')).stdout).toMatch(/rules *\nruled .*read-only, slow 10 s *\n/);
  const [listed] = (await admin('rooms', '--json')).stdout.split('\n');
  expect(JSON.parse(listed ?? '')).toMatchObject({ name: 'ruled', topic: 'Tea\x1b[2J', readonly: true, slow: 10 });
  expect((await admin('set', 'ruled', '--readonly', 'off', '--topic', '', '--json')).stdout).toMatch(
    /"room":"ruled","slow":10}/,
  );
  await cat.next('settings');

  expect((await admin('mute', cats.id.slice(0, 8), '--for', '2h')).stdout).toMatch(
    /^Muted cat in ruled until .* UTC\.\n$/,
  );
  expect(await cat.next('direct')).toMatchObject({ text: 'You are muted in this room for 2 hours.' });
  cat.send({ type: 'say', text: 'hi', ref: 'r' });
  expect(await cat.next('error')).toMatchObject({ code: 'muted', ref: 'r' });
  expect((await admin('unmute', 'ruled', 'CAT')).stdout).toBe('cat in ruled may write again.\n');
  await cat.next('direct');
  await cat.say('hi');
  const nobody = await admin('unmute', 'ruled', 'cat');
  expect([nobody.exitCode, nobody.stderr]).toEqual([5, 'roomchat: Nobody in ruled is muted under this id or nick.\n']);
});

it.each([
  [['set', 'x', '--slow', '10'], 'takes a time such as 30s'],
  [['set', 'x', '--slow', '2d'], 'at most a day'],
  [['set', 'x', '--readonly', 'yes'], 'takes on or off'],
  [['set', 'x', '--topic', 't'.repeat(513)], 'A topic has at most 512 bytes.'],
  [['mute', 'x', '--for', 'ever'], 'takes a time such as 30s'],
])('%j is refused before it is asked for', async (args, sentence) => {
  const { exitCode, stderr } = await admin(...args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(sentence);
});
