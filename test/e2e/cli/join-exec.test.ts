// `join --exec`: a command for each message of others, and nothing of a message in any command line.

import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { live, message, ScriptedServer, welcome } from '../../client/scripted-server.ts';
import { Command, run } from '../../support/command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
let folder: string;
const running: Command[] = [];

beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), 'roomchat-exec-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((command) => command.stop()));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function joined(room: string, exec: string, ...flags: string[]): Promise<Command> {
  const command = new Command(['join', room, '--server', server.url, '--nick', 'ann', '--exec', exec, ...flags], {
    cwd: folder,
  });
  running.push(command);
  await server.printed(new RegExp(`${room}: ann joined`));
  return command;
}

const say = (room: string, input: string) => run(['say', room, '--server', server.url, '--nick', 'bob'], { input });

it('gives the text on standard input and the rest in the environment', async () => {
  const ann = await joined('facts', 'env | grep ^ROOMCHAT_MESSAGE_ | sort >> facts; cat >> facts; echo done >&2');
  await say('facts', 'hello there\n');
  await ann.printed('stderr', /done\n/);
  const facts = (await readFile(join(folder, 'facts'), 'utf8')).split('\n');
  expect(facts.map((line) => line.replace(/(_AT|_ID)=\w+$/, '$1=x'))).toEqual([
    'ROOMCHAT_MESSAGE_AT=x',
    'ROOMCHAT_MESSAGE_ID=x',
    'ROOMCHAT_MESSAGE_NICK=bob',
    'ROOMCHAT_MESSAGE_ROOM=facts',
    'ROOMCHAT_MESSAGE_SEQ=1',
    'ROOMCHAT_MESSAGE_TYPE=message',
    'hello there',
    '',
  ]);
});

it('does not hand on the secrets of its own environment, and the rest as it is', async () => {
  const env = { ROOMCHAT_TOKEN: 'secret-token', ROOMCHAT_PASSWORD: 'secret-password', ROOMCHAT_SERVER: server.url };
  const command = new Command(['join', 'secrets', '--nick', 'ann', '--exec', 'env >&2; echo done >&2'], { env });
  running.push(command);
  await server.printed(/secrets: ann joined/);
  await say('secrets', 'hello\n');
  await command.printed('stderr', /done\n/);
  expect(command.stderr).not.toMatch(/secret-(token|password)|ROOMCHAT_(TOKEN|PASSWORD)/);
  expect(command.stderr).toContain(`ROOMCHAT_SERVER=${server.url}\n`);
});

it.each([
  ['NULs', 'a\u0000b'],
  ['more than an environment takes', 'x'.repeat(300_000)],
])('outlives a nick of %s, from a server that keeps to nothing', async (_, nick) => {
  const hostile = await ScriptedServer.open();
  const args = [
    'join',
    'lobby',
    '--server',
    hostile.url,
    '--nick',
    'ann',
    '--exec',
    'echo "ran:$ROOMCHAT_MESSAGE_NICK" >&2',
  ];
  const ann = new Command(args);
  running.push(ann);
  const peer = await hostile.accept();
  await peer.next('join');
  peer.send(welcome(), live(0), message(1, { nick }), message(2, { nick }), message(3, { nick: 'bob' }));
  await ann.printed('stderr', /ran:bob\n/);
  expect(ann.stderr.match(/--exec: the command could not be started/g)).toHaveLength(2);
  ann.type('still here\n');
  expect(await peer.next('say')).toMatchObject({ text: 'still here' });
  await ann.stop();
  await hostile.close();
});

it('runs one at a time, in order, and not for what I say myself', async () => {
  const ann = await joined(
    'order',
    'read text; test -e busy && echo OVERLAP >> order; touch busy; echo "$text" >> order; rm busy; test "$text" != end || echo done >&2',
  );
  ann.type('mine\n');
  await server.printed(/order: <ann> mine\n/);
  const lines = Array.from({ length: 80 }, (_, index) => String(index));
  await say('order', `${lines.join('\n')}\nend\n`);
  await ann.printed('stderr', /done\n/);
  expect(await readFile(join(folder, 'order'), 'utf8')).toBe(`${lines.join('\n')}\nend\n`);
});

it('lets no message become a command', async () => {
  const ann = await joined('attack', 'cat > /dev/null; echo done >&2');
  await say('attack', "\"; touch pwned; #\n$(touch pwned)\n`touch pwned`\n'; touch pwned; '\n");
  await ann.printed('stderr', /(done\n(.|\n)*){4}/);
  await expect(access(join(folder, 'pwned'))).rejects.toThrow();
  await writeFile(join(folder, 'pwned'), '');
});

it('goes on after a command that fails, and says so', async () => {
  const ann = await joined('failing', 'read text; test "$text" = good && echo fine >&2');
  await say('failing', 'bad\ngood\n');
  await ann.printed('stderr', /fine\n/);
  expect(ann.stderr).toMatch(/--exec: the command ended with exit code 1\n(.|\n)*fine\n/);
});

it('does not wait for a command that does not read its input', async () => {
  const ann = await joined('deaf', 'exec <&-; echo ran >&2');
  await say('deaf', `${'x'.repeat(16_000)}\n${'y'.repeat(16_000)}\n`);
  await ann.printed('stderr', /(ran\n(.|\n)*){2}/);
  expect(ann.stderr).not.toContain('--exec:');
});

it('counts no history unless --last asks for some, and none a second time', async () => {
  await say('past', 'old\nolder\n');
  const command = 'read text; echo "ran:$text" >&2';
  const ann = await joined('past', command);
  await say('past', 'new\n');
  await ann.printed('stderr', /ran:new\n/);
  ann.type('/history 3\n');
  await ann.printed('stderr', /of history|back/);
  await say('past', 'newest\n');
  await ann.printed('stderr', /ran:newest\n/);
  expect(ann.stderr.match(/ran:.*/g)).toEqual(['ran:new', 'ran:newest']);
  await ann.stop();
  const again = await joined('past', command, '--last', '1');
  await again.printed('stderr', /ran:newest\n/);
  expect(again.stderr.match(/ran:.*/g)).toEqual(['ran:newest']);
});
