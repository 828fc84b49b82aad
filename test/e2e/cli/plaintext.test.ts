// Passwords and tokens that go over the network without TLS: one warning on stderr, before they go.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../support/command.ts';
import { PtyCommand } from '../../support/pty-command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

/** Leads to this machine, too, but nobody has to know. */
let elsewhere: string;
let server: ServerProcess;
beforeAll(async () => {
  server = await startServer({ args: ['--host', '0.0.0.0'] });
  elsewhere = `0.0.0.0:${server.port}`;
  await run(['say', 'vault', 'inside', '--server', server.url, '--password', 'pw']);
});
afterAll(() => server.stop());

const WARNING = /warning: the (password|admin token) is sent to \S+ without TLS/g;
const warnings = (text: string): number => text.match(WARNING)?.length ?? 0;

describe('warned is once', () => {
  it.each([
    ['say with --password', ['say', 'vault', 'hi', '--password', 'pw'], 0],
    ['say with one that is wrong', ['say', 'vault', 'hi', '--password', 'no'], 4],
    ['admin with a token', ['admin', 'rooms', '--token', 'wrong'], 4],
  ])('%s', async (_, args, exitCode) => {
    const ended = await run([...args, '--server', elsewhere]);
    expect([ended.exitCode, warnings(ended.stderr)]).toEqual([exitCode, 1]);
    expect(ended.stderr).toMatch(/^roomchat: warning: [^\n]*\.\n/);
  });

  it('of several servers whoever may come to one without TLS, which is named', async () => {
    const servers = `wss://chat.invalid,${elsewhere},127.0.0.1:1,other.invalid`;
    const ended = await run(['say', 'vault', 'hi', '--password', 'pw', '--server', servers]);
    expect(ended.stderr).toContain(`the password is sent to ${elsewhere} or other.invalid:8080 without TLS`);
    expect(ended.exitCode).toBe(0);
  });

  it('the password of the environment, where the room asks for it, and not where it does not', async () => {
    const env = { ROOMCHAT_PASSWORD: 'pw', ROOMCHAT_SERVER: elsewhere };
    expect(warnings((await run(['say', 'vault', 'hi'], { env })).stderr)).toBe(1);
    expect(warnings((await run(['say', 'open', 'hi'], { env })).stderr)).toBe(0);
  });

  it('whoever is asked for a password on a terminal, before the question', async () => {
    const ann = new PtyCommand(['join', 'vault', '--server', elsewhere, '--nick', 'ann'], server.env);
    onTestFinished(() => ann.stop());
    await ann.shows(/warning: the password is sent to 0\.0\.0\.0:\d+ without TLS[^?]*Password:/);
    ann.type('no\r');
    await ann.shows(/not the password of the room\. Password:/);
    ann.type('pw\r');
    await ann.shows(/inside\n/);
    expect(warnings(ann.output)).toBe(1);
  });
});

describe('nobody is warned', () => {
  it.each(['127.0.0.1', 'localhost', '127.1.2.3', '[::ffff:127.0.0.1]'])(
    'of %s, which is this machine',
    async (host) => {
      const args = ['say', 'vault', 'hi', '--password', 'pw', '--server', `${host}:${server.port}`];
      expect(await run(args)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    },
  );

  it('with TLS, or without anything to be kept secret', async () => {
    const tls = await run(['say', 'vault', 'hi', '--password', 'pw', '--server', 'wss://chat.invalid']);
    const open = await run(['say', 'open', 'hi', '--server', elsewhere]);
    const ownToken = await run(['admin', 'rooms', '--server', server.url], { env: server.env });
    expect([tls, open, ownToken].map(({ stderr }) => warnings(stderr))).toEqual([0, 0, 0]);
    expect([tls, open, ownToken].map(({ exitCode }) => exitCode)).toEqual([3, 0, 0]);
  });
});
