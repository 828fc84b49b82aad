// The examples of the library, as a reader of its page runs them: each a process of its own, before the real server.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Command, run } from '../../support/command.ts';
import { eventually } from '../../support/eventually.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roomchat-examples-'));
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const url = (room: string) => `${server.url}/rooms/${room}`;

const start = (name: string, ...args: string[]) =>
  new Command(args, { command: [process.execPath, resolve('src/client/examples', name)] });

const say = (room: string, nick: string, lines: readonly string[]) =>
  run(['say', room, '--nick', nick, '--server', server.url], { input: lines.join('\n') });

async function textsIn(room: string): Promise<string[]> {
  const log = await readFile(join(server.data, 'rooms', room, 'log.ndjson'), 'utf8');
  return log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).text);
}

it('the bot answers who asks it, in the room that the URL names, and nobody else', async () => {
  const bot = start('bot.js', url('casino'));
  await server.printed(/casino: dice joined/);
  await say('casino', 'ann', ['hello', '!roll', 'thanks']);
  await server.printed(/casino: <dice> ann rolls a [1-6]\n/);
  await say('casino', 'bob', ['!roll']);
  await server.printed(/casino: <dice> bob rolls a [1-6]\n/);
  await bot.stop();
  const texts = (await textsIn('casino')).map((text) => text.replace(/\d$/, 'N')).sort();
  expect(texts).toEqual(['!roll', '!roll', 'ann rolls a N', 'bob rolls a N', 'hello', 'thanks']);
});

it('the bridge copies each message once, in order, however often it is killed and started again', async () => {
  const texts = Array.from({ length: 500 }, (_, index) => `n${index}`);
  const long = 'x'.repeat(16 * 1024);
  await say('here', 'ann', texts.slice(0, 400));
  const args = [url('here'), url('there'), join(folder, 'bridge.json')];
  const program = resolve('src/client/examples/bridge.js');
  const killing = ['--import', resolve('test/support/kill-at-rename.js'), program];
  // It writes its state down at least twice a message, so that each of these comes: among what it has read and not said,
  // said and not seen back, and seen back.
  for (const at of [1, 2, 60, 151, 190, 75, 4]) {
    const bridge = new Command(args, {
      command: [process.execPath, ...killing],
      env: { KILL_AT_RENAME: String(at) },
    });
    expect((await bridge.ended).exitCode).toBeUndefined();
  }
  // What is said while it is away, and what has no room for a nick.
  await say('here', 'ann', [...texts.slice(400), long]);
  const bridge = start('bridge.js', ...args);
  const copied = await eventually('all is copied', 20_000, async () => {
    const there = await textsIn('there');
    return there.at(-1) === long && there;
  });
  expect(copied).toEqual([...texts.map((text) => `ann: ${text}`), long]);
  await bridge.stop();
  expect(bridge.stderr).toBe('');
}, 120_000);
