// An owner's evening on terminals: what the owner types, what the others see of it, and that no text of theirs is lost.

import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { run } from '../../support/command.ts';
import { PtyCommand } from '../../support/pty-command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
let homes: string;
const running: PtyCommand[] = [];

beforeAll(async () => {
  server = await startServer();
  homes = await mkdtemp(join(tmpdir(), 'roomchat-homes-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((command) => command.stop()));
});
afterAll(async () => {
  await server.stop();
  await rm(homes, { recursive: true, force: true });
});

/** Each has a state folder of their own. */
const homeOf = (nick: string) => ({ XDG_STATE_HOME: join(homes, nick) });

function joins(room: string, nick: string): PtyCommand {
  const command = new PtyCommand(['join', room, '--server', server.url, '--nick', nick], homeOf(nick));
  running.push(command);
  return command;
}

it('an owner keeps order, and whoever is refused has their text in the input line again', async () => {
  const ann = joins('evening', 'ann');
  await ann.shows(
    /the room evening is new; it is open to everybody\.\n-- It is yours: \/help lists what its owner can do\./,
  );
  const bob = joins('evening', 'bob');
  await bob.shows(/bob>/);
  await ann.shows(/bob joined/);

  ann.type('/topic Tea at five\r');
  await bob.shows(/-- The topic is now: Tea at five\n/);
  bob.type('/topic\r');
  await bob.shows(/-- Topic: Tea at five\n/);

  ann.type('/slow 1h\r');
  await bob.shows(/-- Slow mode: everybody can write once in 1 hour\.\n/);
  bob.type('first\r');
  await ann.shows(/bob: first\n/);
  bob.type('second\r');
  await bob.shows(/!! This room is in slow mode: you can write again in (1 hour|60 minutes)\.\nbob> second$/);
  ann.type('/slow off\r');
  await bob.shows(/-- Slow mode is over\.\nbob> second$/);
  bob.type(' try\r');
  await ann.shows(/bob: second try\n/);

  ann.type('/readonly on\r');
  await bob.shows(/-- The room is read-only: only its owners can write\.\n/);
  bob.type('third\r');
  await bob.shows(/!! This room is read-only: only its owners can write\.\nbob> third$/);
  const said = await run(['say', 'evening', 'news', '--server', server.url], { env: homeOf('sam') });
  expect([said.exitCode, said.stderr]).toEqual([5, 'roomchat: This room is read-only: only its owners can write.\n']);
  ann.type('for your eyes\r');
  await bob.shows(/ann: for your eyes\n/);
  ann.type('/readonly off\r');
  await bob.shows(/-- Everybody can write again\.\n/);
  bob.type('\u0015');

  ann.type('/mute bob 10m\r');
  await ann.shows(/-- bob is muted for 10 minutes\.\n/);
  await bob.shows(/You are muted in this room for 10 minutes\.\n/);
  bob.type('but\r');
  await bob.shows(/!! You are muted in this room: you can write again in (10|9) minutes\.\nbob> but$/);
  ann.type('/unmute bob\r');
  await bob.shows(/You can write again\.\nbob> but$/);
  bob.type('\r');
  await ann.shows(/bob: but\n/);

  bob.type('/kick ann\r');
  await bob.shows(/!! Only an owner of this room can do that\.\n/);
  ann.type('/kick bob enough\r');
  await ann.shows(/-- bob is out of the room\.\n/);
  await bob.shows(/You were removed from the room: enough/);
  expect(await bob.exited).toBe(5);
  await server.printed(/evening: ann, as an owner: kick \w+\n/);
  const listed = await run(['admin', 'set', 'evening', '--server', server.url], { env: server.env });
  expect(listed.stdout).toBe('evening: topic "Tea at five"; open to write; no slow mode.\n');
});

it('the key is kept where nobody else reads it, shown, and makes an owner of whoever is given it', async () => {
  const ann = joins('keys', 'ann');
  await ann.shows(/It is yours/);
  ann.type('/owner\r');
  await ann.shows(/-- The key of this room's owners: [\w-]{43}\n/);
  const folder = join(homes, 'ann', 'roomchat', 'owners');
  const key = /owners: ([\w-]{43})/.exec(ann.screen.printed.join('\n'))?.[1] ?? '';
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  expect(texts.map((text) => text.split('\n')[0])).toContain(key);
  for (const name of files) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  ann.type('\u0004');
  await ann.exited;

  const again = joins('keys', 'ann');
  await again.shows(/ann>/);
  again.type('/topic Mine\r');
  await again.shows(/The topic is now: Mine/);
  const cid = joins('keys', 'cid');
  await cid.shows(/-- Topic: Mine\n/);
  cid.type('/owner\r');
  await cid.shows(/You are not an owner of this room/);
  cid.type('/owner wrong\r');
  await cid.shows(/This is not the key/);
  cid.type(`/owner ${key}\r`);
  await cid.shows(/You are an owner of this room\./);
  cid.type('/topic Ours\r');
  await again.shows(/The topic is now: Ours/);

  const { stdout } = await run(['admin', 'owner', 'keys', '--new', '--server', server.url], { env: server.env });
  expect(stdout.trim()).not.toBe(key);
  cid.type('/topic Theirs\r');
  await cid.shows(/Only an owner of this room can do that/);
  cid.type(`/owner ${stdout.trim()}\r`);
  await cid.shows(/You are an owner of this room\.[\s\S]*You are an owner of this room\./);
  cid.type('/topic Theirs\r');
  await again.shows(/The topic is now: Theirs/);
});
