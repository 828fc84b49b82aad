// `join` and `say` with several servers: they come to the one that is there, and go on at the next one when it is gone.

import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Line, live, message, type ScriptedPeer, ScriptedServer, welcome } from '../../client/scripted-server.ts';
import { Command, run } from '../../support/command.ts';
import { PtyCommand } from '../../support/pty-command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

/** Nothing listens there. */
const DEAD = '127.0.0.1:1';
const OTHER_DEAD = '127.0.0.1:2';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Two nodes of a cluster, with their addresses as a user gives them. */
async function openNodes(): Promise<{ one: ScriptedServer; two: ScriptedServer; addresses: string }> {
  const [one, two] = [await ScriptedServer.open(), await ScriptedServer.open()];
  onTestFinished(async () => {
    await Promise.all([one.close(), two.close()]);
  });
  return { one, two, addresses: `${one.url},${two.url}` };
}

function start(args: readonly string[]): Command {
  const command = new Command(args);
  onTestFinished(async () => {
    await command.stop();
  });
  return command;
}

/** Lets the next client in and gives what it joined with. */
async function letIn(node: ScriptedServer, fields: Line = {}): Promise<{ peer: ScriptedPeer; join: Line }> {
  const peer = await node.accept();
  const join = await peer.next('join');
  peer.send(welcome(fields), live(0));
  return { peer, join };
}

describe('where the first is down', () => {
  it('join is in the room at the second', async () => {
    const ann = start(['join', 'lobby', '--nick', 'ann', '--server', `${DEAD},${server.url}`]);
    await server.printed(/lobby: ann joined/);
    await ann.printed('stderr', /You are ann/);
    ann.type('/quit\n');
    expect(await ann.ended).toMatchObject({ exitCode: 0, stderr: expect.not.stringMatching(/roomchat:|lost/) });
  });

  it('say ends with a word on all of them where none comes back', async () => {
    const { one, two, addresses } = await openNodes();
    const say = start(['say', 'lobby', 'hello', '--timeout', '1', '--server', addresses]);
    const { peer } = await letIn(one);
    await peer.next('say');
    await Promise.all([one.close(), two.close()]);
    expect(await say.ended).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/None of the servers came back\. 1 message was not delivered\.\n$/),
    });
  });

  it('say says it at the second, also with the addresses of the environment', async () => {
    const servers = `${DEAD},${server.url}`;
    const silent = { exitCode: 0, stdout: '', stderr: '' };
    expect(await run(['say', 'lobby', 'by flag', '--server', servers])).toEqual(silent);
    expect(await run(['say', 'lobby', 'by variable'], { env: { ROOMCHAT_SERVER: servers } })).toEqual(silent);
    await server.printed(/lobby: <[^>]+> by flag\n.*lobby: <[^>]+> by variable\n/s);
  });
});

describe('where all are down', () => {
  it.each([['join'], ['say', 'hi']])('%s names each with its reason, and ends with 3', async (command, ...words) => {
    const ended = await run([command, 'lobby', ...words, '--server', `${DEAD},${OTHER_DEAD}`]);
    expect(ended.stderr).toMatch(
      /^roomchat: None of the 2 servers can be joined\. 127\.0\.0\.1:1: The server cannot be reached: [^\n]+\. 127\.0\.0\.1:2: The server cannot be reached: [^\n]+ Start one with roomchat serve, or name another one with --server\.\n$/,
    );
    expect([ended.exitCode, ended.stdout]).toEqual([3, '']);
  });

  it('one that is named twice is one', async () => {
    const ended = await run(['join', 'lobby', '--server', `${DEAD},http://${DEAD}`]);
    expect(ended.stderr).toMatch(/^roomchat: The server cannot be reached: /);
    expect(ended.exitCode).toBe(3);
  });
});

describe('where the one at hand goes away', () => {
  it('join resumes at the other as the same client', async () => {
    const { one, two, addresses } = await openNodes();
    const bob = start(['join', 'lobby', '--nick', 'bob', '--server', addresses]);
    const first = await letIn(one);
    first.peer.send(message(7));
    await bob.printed('stdout', /text 7\n/);
    bob.type('typed\n');
    const { ref } = await first.peer.next('say');
    first.peer.close(1012);
    const second = await letIn(two, { after: 7, seq: 7 });
    expect(second.join).toMatchObject({ since: 7, epoch: 'e1', resume: { id: 'me', key: 'k', attempt: 1 } });
    expect(await second.peer.next('say')).toMatchObject({ text: 'typed', ref });
    second.peer.send(message(8));
    await bob.printed('stdout', /text 8\n/);
    await bob.printed('stderr', /The connection was lost\.\nback/);
    // What was said has its receipt before it goes.
    second.peer.send(message(9, { id: 'me', nick: 'bob', ref, text: 'typed' }));
    bob.type('/quit\n');
    expect(await bob.ended).toMatchObject({ exitCode: 0, stdout: 'ann: text 7\nann: text 8\n' });
  });

  it('say gets the receipt at the other for what it said at the first', async () => {
    const { one, two, addresses } = await openNodes();
    const command = start(['say', 'lobby', 'once', '--server', addresses]);
    const first = await letIn(one);
    const { ref } = await first.peer.next('say');
    first.peer.cut();
    const second = await letIn(two);
    expect(second.join).toMatchObject({ as: 'speaker', resume: { id: 'me', key: 'k', attempt: 1 } });
    expect(await second.peer.next('say')).toMatchObject({ text: 'once', ref });
    second.peer.send(message(1, { id: 'me', nick: 'bob', ref, text: 'once' }));
    expect(await command.ended).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'roomchat: The connection was lost. Trying again for 60 seconds.\n',
    });
  });
});

describe('a terminal', () => {
  it('shows which server is being connected to', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket.on('error', () => {})));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void mute.close());
    const address = mute.address();
    const muteHost = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const ann = new PtyCommand(['join', 'shown', '--nick', 'ann', '--server', `${muteHost},${server.url}`], server.env);
    onTestFinished(() => ann.stop());
    await ann.shows(new RegExp(`-- connecting to ${muteHost}`));
    for (const socket of sockets) socket.destroy();
    await ann.shows(/You are ann.*ann>/s);
    expect(ann.screen.printed.join('\n')).not.toContain('connecting');
  });

  it('says nothing of it where there is only one', async () => {
    const ann = new PtyCommand(['join', 'alone', '--nick', 'ann', '--server', server.url], server.env);
    onTestFinished(() => ann.stop());
    await ann.shows(/You are ann.*ann>/s);
    expect(ann.output).not.toContain('connecting');
  });
});

describe('wrong usage', () => {
  it.each([
    [['join', 'lobby', '--server', 'one,,two'], /^roomchat: One of the server addresses is empty: put a single comma /],
    [
      ['say', 'lobby', 'hi', '--server', 'one,'],
      /^roomchat: One of the server addresses is empty: put a single comma /,
    ],
    [['join', 'lobby', '--server', 'one,ftp://two'], /^roomchat: A server address starts with /],
    [['admin', 'rooms', '--server', 'one,two'], /^roomchat: An admin command goes to one server: /],
  ] as const)('%j is 2', async (args, sentence) => {
    const ended = await run(args);
    expect(ended.stderr).toMatch(sentence);
    expect([ended.exitCode, ended.stdout]).toEqual([2, '']);
  });
});
