// `join < file`: what stands in it is done in the room, in order, commands too.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../support/command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it('every command waits for the room, and /quit for what stands before it', async () => {
  await run(['say', 'lobby', 'from before', '--server', server.url, '--nick', 'bob']);
  const input = 'hello\n/who\n/nick anna\nbye\n/quit\nnever said\n';
  const ended = await run(['join', 'lobby', '--server', server.url, '--nick', 'ann'], { input });
  expect(ended.exitCode).toBe(0);
  // The history alone; nothing that it said itself.
  expect(ended.stdout).toBe('bob: from before\n');
  expect(ended.stderr).not.toMatch(/no connection|not sent/);
  expect(ended.stderr).toMatch(/^1 here: ann$/m);
  expect(ended.stderr).toMatch(/^you are now anna$/m);
  await server.printed(/lobby: <ann> hello\n/);
  await server.printed(/lobby: <anna> bye\n/);
  await server.printed(/lobby: anna left/);
  expect(server.output()).not.toMatch(/never said/);
});

it('a lone /quit shows the history and goes', async () => {
  await run(['say', 'full', '--server', server.url, '--nick', 'bob'], { input: 'x\n'.repeat(2000) });
  const ended = await run(['join', 'full', '--server', server.url, '--nick', 'ann'], { input: '/quit\n' });
  expect([ended.exitCode, ended.stdout.match(/bob: x\n/g)?.length]).toEqual([0, 2000]);
});

it('thousands of lines and a /quit after them: each is said', async () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `n${index} ${'x'.repeat(150)}`);
  const ended = await run(['join', 'much', '--server', server.url, '--nick', 'ann'], {
    input: `${lines.join('\n')}\n/quit\n`,
  });
  expect([ended.exitCode, ended.stdout]).toEqual([0, '']);
  expect(ended.stderr).not.toMatch(/not sent/);
  expect(server.output().match(/much: <ann> n/g)?.length).toBe(5000);
});
