// `say` and `join` where a room stands open that has to be protected: nothing is said in it, and nothing that was typed
// is lost.

import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { live, ScriptedServer, welcome } from '../../client/scripted-server.ts';
import { Command, run } from '../../support/command.ts';
import { PtyCommand } from '../../support/pty-command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), 'roomchat-closed-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const logOf = (data: string, room: string) => readFile(join(data, 'rooms', room, 'log.ndjson'), 'utf8');
const say = (room: string, ...rest: string[]) => ['say', room, '--server', server.url, ...rest];

describe('say with a password', () => {
  it('refuses an open room with 4, says how many were not sent, and sends none', async () => {
    await run(say('open', 'first'));
    const file = join(folder, 'password');
    await writeFile(file, 'pw\n');
    const before = await logOf(server.data, 'open');
    const ended = await run(say('open', 'secret', '--password', 'pw'));
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toMatch(
      /^roomchat: This room has no password, [^\n]* 1 message was not delivered\. [^\n]*\n$/,
    );
    const piped = new Command(say('open', '--password-file', file));
    onTestFinished(() => piped.stop());
    piped.type('one\ntwo\n');
    expect((await piped.ended).exitCode).toBe(4);
    expect(await logOf(server.data, 'open')).toBe(before);
  });

  it('makes a new room with it, and speaks there from then on; the one of the environment demands nothing', async () => {
    expect((await run(say('closed', 'one', '--password', 'pw'))).exitCode).toBe(0);
    expect((await run(say('closed', 'two', '--password', 'pw'))).exitCode).toBe(0);
    expect((await run(say('closed', 'three'))).exitCode).toBe(4);
    const env = { ROOMCHAT_PASSWORD: 'pw' };
    expect((await run(say('closed', 'four'), { env })).exitCode).toBe(0);
    expect((await run(say('open-too', 'five'), { env })).exitCode).toBe(0);
    expect((await run(say('open-too', 'six'), { env })).exitCode).toBe(0);
    expect((await logOf(server.data, 'closed')).match(/"text":"\w+"/g)).toHaveLength(3);
  });
});

/** A server, and another one in its place that knows none of its rooms. */
async function twoServers(): Promise<{ first: ServerProcess; exchange: () => Promise<ServerProcess> }> {
  const first = await startServer();
  onTestFinished(async () => void (await first.stop()));
  const exchange = async () => {
    await first.stop('SIGKILL');
    const second = await startServer({ data: join(first.data, '..', 'other'), args: ['--port', String(first.port)] });
    onTestFinished(async () => void (await second.stop()));
    return second;
  };
  return { first, exchange };
}

describe('join, whose protected room is gone after a lost connection', () => {
  it('on a terminal ends with 4, makes no room, and shows what it has not sent', async () => {
    const { first, exchange } = await twoServers();
    await run(['say', 'vault', 'inside', '--server', first.url, '--password', 'pw']);
    // The password was asked for: it is not kept, and the resume key alone is worth nothing elsewhere.
    const ann = new PtyCommand(['join', 'vault', '--server', first.url, '--nick', 'ann'], first.env);
    onTestFinished(() => ann.stop());
    await ann.shows(/Password:/);
    ann.type('pw\r');
    await ann.shows(/inside\n/);
    await first.stop('SIGKILL');
    await ann.shows(/The connection was lost\./);
    ann.type('the secret\ranother one\r');
    await ann.shows(/… ann: another one/);
    const second = await exchange();
    expect(await ann.exited).toBe(4);
    const printed = ann.screen.printed.join('\n');
    expect(printed).toMatch(/-- not sent: the secret\n-- not sent: another one\nroomchat: This room has no password, /);
    await expect(access(join(second.data, 'rooms', 'vault'))).rejects.toThrow();
    expect(second.output()).not.toContain('vault');
  });

  it('on pipes says so on stderr; one that was given the password makes it anew with that', async () => {
    const { first, exchange } = await twoServers();
    await run(['say', 'vault', 'inside', '--server', first.url, '--password', 'pw']);
    const args = ['join', 'vault', '--server', first.url];
    const asked = new Command([...args, '--nick', 'ann'], { env: { ROOMCHAT_PASSWORD: 'pw' } });
    onTestFinished(() => asked.stop());
    await first.printed(/vault: ann joined/);
    await first.stop('SIGKILL');
    await asked.printed('stderr', /The connection was lost/);
    asked.type('the secret\n');
    const second = await exchange();
    const ended = await asked.ended;
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toMatch(/not sent: the secret\n(.*\n)*roomchat: This room has no password/);
    const given = new Command([...args, '--nick', 'bob', '--password', 'pw']);
    onTestFinished(() => given.stop());
    await second.printed(/vault: bob joined .* a new room/);
    await expect(run(['say', 'vault', 'hi', '--server', first.url])).resolves.toMatchObject({ exitCode: 4 });
  });

  it('and that a server of before lets it into: it leaves at once, and says what may have arrived and what has not', async () => {
    const old = await ScriptedServer.open();
    onTestFinished(() => old.close());
    const ann = new PtyCommand(['join', 'lobby', '--server', old.url, '--nick', 'ann'], server.env);
    onTestFinished(() => ann.stop());
    const first = await old.accept();
    await first.next('join');
    first.send(welcome({ nick: 'ann', protected: true }), live(0));
    ann.type('under way\r');
    await first.next('say');
    first.cut();
    await ann.shows(/The connection was lost/);
    ann.type('the secret\r');
    await ann.shows(/… ann: the secret/);
    const second = await old.accept();
    await second.next('join');
    second.send(welcome({ created: true }), live(0));
    expect(await ann.exited).toBe(4);
    expect(ann.screen.printed.join('\n')).toMatch(
      /-- perhaps not sent: under way\n-- not sent: the secret\nroomchat: This room has no password/,
    );
    expect(await second.closed).toBe(1000);
    expect(second.frames).toHaveLength(1);
  });
});
