// The server's standard output: one line for each client and message, whatever it is connected to.

import { watch } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { COMMAND, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

it('has a line for every client that joins or leaves, speakers too, and for every message', async () => {
  const server = await startServer();
  onTestFinished(async () => void (await server.stop()));
  const { client, welcome } = await WireClient.join(server, 'lobby', { nick: 'ann' });
  await client.say('two\nlines \u001b[2J');
  const { client: bot } = await WireClient.join(server, 'lobby', { nick: 'bot', as: 'speaker' });
  await bot.say('beep');
  await bot.leave();
  await client.leave();
  await server.printed(/lobby: ann left/);
  const lines = server.output().trimEnd().split('\n');
  expect(lines.filter((line) => /lobby: ann joined/.test(line))).toHaveLength(1);
  expect(lines.find((line) => /lobby: ann joined/.test(line))).toContain(welcome.id);
  expect(lines.filter((line) => line.includes('<ann>'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('<bot> beep'))).toHaveLength(1);
  expect(lines.filter((line) => /bot joined as a speaker/.test(line))).toHaveLength(1);
  expect(lines.filter((line) => /bot left/.test(line))).toHaveLength(1);
  expect(server.output()).not.toContain('\u001b');
});

it('is JSON, a line each, with --log-format json', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'roomchat-console-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, 'log');
  // A file that others write to as well: nobody writes over anybody's lines.
  const script = 'exec > "$LOG"; echo before; "$@" & trap "kill $!" TERM; wait $!; wait $!; echo after';
  const serve = [COMMAND, 'serve', '--port', '0', '--data', join(folder, 'data'), '--log-format', 'json'];
  const child = execa('bash', ['-c', script, 'bash', process.execPath, ...serve], {
    env: { LOG: log, XDG_STATE_HOME: folder },
    reject: false,
  });
  onTestFinished(() => void child.kill());
  const printed = async (): Promise<string[]> => (await readFile(log, 'utf8')).trimEnd().split('\n');
  const url = await new Promise<string>((resolve) => {
    const watcher = watch(folder, async () => {
      const found = /"url":"([^"]+)"/.exec((await printed().catch(() => [])).join('\n'))?.[1];
      if (found === undefined) return;
      watcher.close();
      resolve(found);
    });
  });
  const { client } = await WireClient.join({ url }, 'lobby', { nick: 'ann' });
  await client.say('hi');
  child.kill('SIGTERM');
  await child;
  const lines = await printed();
  expect([lines[0], lines.at(-1)]).toEqual(['before', 'after']);
  const events: { event: string }[] = lines.slice(1, -1).map((line) => JSON.parse(line));
  expect(events.map(({ event }) => event)).toEqual(['started', 'joined', 'message', 'stopping', 'left', 'stopped']);
});
