// Where a command goes: a room by its name or its URL, and what a profile says.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Command, run } from '../../support/command.ts';
import { ok, refused } from '../../support/ended.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
const config = mkdtempSync(join(tmpdir(), 'roomchat-config-'));

beforeAll(async () => {
  server = await startServer();
  mkdirSync(join(config, 'roomchat'));
});
afterAll(async () => {
  await server.stop();
  rmSync(config, { recursive: true, force: true });
});

const host = () => `127.0.0.1:${server.port}`;
/** A profile that goes somewhere: nothing listens at the usual server. */
function profile(): Record<string, string> {
  const work = { server: host(), nick: 'worker', last: 1 };
  const text = JSON.stringify({ profiles: { work, dead: { server: '127.0.0.1:1' } }, default: 'work' });
  writeFileSync(join(config, 'roomchat', 'config.json'), text);
  return { ...server.env, XDG_CONFIG_HOME: config };
}

it('a room is its name with or without #, or its URL', async () => {
  expect(await run(['say', '#named', 'hi', '--server', host(), '--nick', 'ann'])).toEqual(ok(''));
  await server.printed(/named: <ann> hi\n/);
  for (const scheme of ['http', 'ws']) {
    // It wins over the environment.
    const url = `${scheme}://${host()}/rooms/by-${scheme}`;
    expect(await run(['say', url, 'hi', '--nick', 'ann'], { env: { ROOMCHAT_SERVER: '127.0.0.1:1' } })).toEqual(ok(''));
    await server.printed(new RegExp(`by-${scheme}: <ann> hi\\n`));
  }
  const joined = new Command(['join', `http://${host()}/rooms/by-http/`, '--nick', 'bob']);
  await joined.printed('stderr', /You are bob in by-http/);
  await joined.printed('stdout', /ann: hi\n/);
  await joined.stop();
});

it('a URL that names no room, or another one than the rest of the command, is a sentence and 2', async () => {
  const refusedBy = async (...args: string[]) => run(args);
  expect(await refusedBy('join', `http://${host()}/`)).toEqual(refused(2, /^roomchat: This URL names no room: /));
  expect(await refusedBy('say', 'ops', 'hi', '--server', `http://${host()}/rooms/lobby`)).toEqual(
    refused(2, /^roomchat: The server's address is that of the room lobby, not of ops: [^\n]+\.\n$/),
  );
  expect(await refusedBy('join', `http://${host()}/rooms/lobby`, '--server', '127.0.0.1:1')).toEqual(
    refused(2, /^roomchat: The room's URL is at 127\.0\.0\.1:\d+, [^\n]+: name only one of them\.\n$/),
  );
});

it('a profile says where say, join and admin go, under which nick, and how much of the history join gets', async () => {
  const env = profile();
  for (const text of ['one', 'two']) expect(await run(['say', 'office', text], { env })).toEqual(ok(''));
  await server.printed(/office: <worker> two\n/);
  const joined = new Command(['join', 'office', '--nick', 'boss'], { env });
  await joined.printed('stdout', /worker: two\n/);
  expect(joined.stdout).not.toContain('worker: one');
  await joined.stop();
  expect(await run(['admin', 'rooms', '--profile', 'work'], { env })).toEqual(ok(/\noffice /));
  expect(await run(['say', 'office', 'x', '--profile', 'dead'], { env })).toEqual(refused(3, /cannot be reached/));
  expect(await run(['admin', 'rooms', '--profile', 'dead'], { env })).toEqual(refused(3, /cannot be reached/));
  expect(await run(['say', 'office', 'x', '--profile', 'lost'], { env })).toEqual(
    refused(
      2,
      /^roomchat: The config file \S+config\.json is wrong: it has no profile "lost"\. It has work and dead\.\n$/,
    ),
  );
});
