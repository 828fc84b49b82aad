// `roomchat admin` as it keeps people out: kick, ban, unban, password, delete, with what the clients say of it.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Command, run } from '../../support/command.ts';
import { ok, refused } from '../../support/ended.ts';
import { PtyCommand } from '../../support/pty-command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
let proxied: ServerProcess;
let rooms = 0;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  [server, proxied] = await Promise.all([startServer(), startServer({ args: ['--trust-proxy'] })]);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((command) => command.stop()));
});
afterAll(() => Promise.all([server.stop(), proxied.stop()]));

const newRoom = () => `removals-${++rooms}`;
const adminOf = (one: ServerProcess, input?: string) => {
  return (...args: string[]) => run(['admin', ...args, '--server', one.url], { env: one.env, ...(input && { input }) });
};
const admin = (...args: string[]) => adminOf(server)(...args);
const at = (address: string) => ({ headers: { 'X-Forwarded-For': address } });

async function member(room: string, nick: string, ...flags: string[]): Promise<{ command: Command; id: string }> {
  const command = new Command(['join', room, '--server', server.url, '--nick', nick, '--json', ...flags]);
  running.push(command);
  await command.printed('stdout', /"type":"live"/);
  return { command, id: JSON.parse(command.stdout.split('\n')[0] ?? '').id };
}

/** A proxy that says where everybody comes from, and that can be cut and mended. */
async function forwarding(target: number, address: string) {
  let isCut = false;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    sockets.add(client);
    client.on('error', () => {}).on('close', () => sockets.delete(client));
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.once('data', (head) => {
      upstream.write(head.toString('latin1').replace('\r\n', `\r\nX-Forwarded-For: ${address}\r\n`), 'latin1');
      client.pipe(upstream);
    });
    upstream.pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const bound = proxy.address();
  if (bound === null || typeof bound === 'string') throw new Error('The proxy has no port.');
  return {
    url: `http://127.0.0.1:${bound.port}`,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend: () => {
      isCut = false;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

describe('kick', () => {
  it('takes a whole id in a room, of a client that left long ago', async () => {
    const room = newRoom();
    const { client } = await WireClient.join(server, room);
    await client.leave();
    const unknown = 'abcdefghjkmnpqrstvwxyz23';
    expect(await admin('kick', unknown)).toEqual(refused(5, /No client here has this id/));
    expect(await admin('kick', unknown, '--room', room)).toEqual(ok(`Removed ${unknown} in ${room}.\n`));
    expect(await admin('kick', unknown, '--room', room)).toEqual(
      refused(5, /This client was removed from .* before: its id has ended\./),
    );
    expect(await admin('kick', 'abc', '--room', room)).toEqual(refused(5, /No client here has this id/));
  });
});

describe('ban', () => {
  it('is told, listed and lifted, for people and for programs', async () => {
    const room = newRoom();
    const bob = await WireClient.join(proxied, room, { nick: 'bob' }, at('203.0.113.9'));
    const ban = adminOf(proxied);
    expect(await ban('ban', bob.welcome.id, 'too', 'loud', '--for', '2h', '--room', room)).toEqual(
      ok(
        new RegExp(
          `^Banned bob \\(203\\.0\\.113\\.9\\) from ${room} until \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC; 1 connection was ended\\.\n$`,
        ),
      ),
    );
    expect((await bob.client.next('error')).message).toMatch(/^You are banned from this room until .*: too loud$/);
    expect(await ban('ban', '198.51.100.0/24')).toEqual(
      ok('Banned 198.51.100.0/24 from the server for good; 0 connections were ended.\n'),
    );
    const table = (await ban('bans')).stdout;
    expect(table).toMatch(/^address +from +since \(UTC\) +until \(UTC\) +client +reason\n/);
    expect(table).toMatch(new RegExp(`\n203\\.0\\.113\\.9 +${room} .* bob \\(${bob.welcome.id}\\) +too loud\n`));
    expect(table).toMatch(/\n198\.51\.100\.0\/24 +\(the server\) +\S+ \S+ +for good\n/);
    const [entry] = (await ban('bans', room, '--json')).stdout.split('\n');
    expect(JSON.parse(entry ?? '')).toMatchObject({ network: '203.0.113.9', room, nick: 'bob', reason: 'too loud' });
    expect(await ban('unban', '198.51.100.7')).toEqual(refused(5, /the ban of 198\.51\.100\.0\/24 covers it\./));
    expect(await ban('ban', '198.51.100.7', '--json')).toMatchObject({
      stdout: expect.stringMatching(/^{"type":"done",.*"network":"198.51.100.7".*"ended":0}\n$/),
    });
    expect(await ban('unban', '198.51.100.7')).toEqual(
      ok('Unbanned 198.51.100.7 from the server. It is still covered by the ban of 198.51.100.0/24 from the server.\n'),
    );
    expect(await ban('unban', '198.51.100.0/24')).toEqual(ok('Unbanned 198.51.100.0/24 from the server.\n'));
    expect(await ban('unban', bob.welcome.id, '--room', room)).toEqual(ok(`Unbanned 203.0.113.9 from ${room}.\n`));
    expect(await ban('bans')).toEqual(ok('Nobody is banned.\n'));
    expect(await ban('bans', '--json')).toEqual(ok(''));
  });

  it.each([
    [['0.0.0.0/0'], 5, /0\.0\.0\.0\/0 is too wide for a ban/],
    [['127.0.0.1'], 5, /127\.0\.0\.1 is the server's own machine/],
    [['10.1.2.3/8'], 5, /write 10\.0\.0\.0\/8 for all/],
    [['10.0.0'], 5, /10\.0\.0 is neither an IP address/],
    [['nobody'], 5, /No client here has this id/],
    [['10.0.0.1', '--room', 'never-made'], 5, /does not exist/],
    [['10.0.0.1', 'x'.repeat(513)], 5, /A reason has at most 512 bytes/],
    [['10.0.0.1', '--for', '2 h'], 2, /30s, 15m, 2h or 7d/],
    [['10.0.0.1', '--for', '0s'], 2, /30s, 15m, 2h or 7d/],
    [['10.0.0.1', '--for', '4000d'], 2, /at most ten years/],
    [['10.0.0.1', '--for', '-5m'], 2, /30s, 15m, 2h or 7d/],
    [[], 2, /target/],
  ])('of %j is refused in words', async (args, exitCode, sentence) => {
    expect(await admin('ban', ...args)).toEqual(refused(exitCode, sentence));
  });

  it('of a client of this machine says to kick it', async () => {
    const { id } = await member(newRoom(), 'ann');
    expect(await admin('ban', id)).toEqual(refused(5, /kick the client instead/));
  });
});

it('a client that is banned while its connection is lost is told when it comes back, and stays away', async () => {
  const room = newRoom();
  // What a proxy adds; then all that comes through it comes from there.
  const link = await forwarding(proxied.port, '203.0.113.50');
  const command = new Command(['join', room, '--server', link.url, '--nick', 'ann', '--json']);
  running.push(command, link);
  await command.printed('stdout', /"type":"live"/);
  link.cut();
  await command.printed('stderr', /connection/i);
  expect(await adminOf(proxied)('ban', '203.0.113.50', 'spam')).toMatchObject({ exitCode: 0 });
  link.mend();
  expect(await command.ended).toMatchObject({
    exitCode: 5,
    stderr: expect.stringMatching(/The server answered: You are banned from this server: spam\n$/),
  });
});

describe('password', () => {
  async function fileOf(text: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'roomchat-password-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'password'), text);
    return join(folder, 'password');
  }

  it('is read from a file or standard input, and taken away with --none; who is there goes on', async () => {
    const room = newRoom();
    const ann = await member(room, 'ann');
    expect(await admin('password', room, '--password-file', await fileOf('first\nnot this\n'))).toEqual(
      ok(`${room} has a new password.\n`),
    );
    const say = (password: string) =>
      run(['say', room, 'hi', '--password', password, '--server', server.url, '--nick', 'bob']);
    expect(await say('wrong')).toMatchObject({ exitCode: 4 });
    expect(await say('first')).toMatchObject({ exitCode: 0 });
    await ann.command.printed('stdout', /"text":"hi"/);
    // The new key is worth the id: it is not printed, and works when the connection is lost.
    expect(ann.command.stdout).not.toContain('"key"');
    expect(await adminOf(server, 'second\n')('password', room, '--password-file', '-')).toEqual(
      ok(`${room} has a new password.\n`),
    );
    expect(await say('second')).toMatchObject({ exitCode: 0 });
    expect(await admin('password', room, '--none')).toEqual(
      ok(`${room} no longer has a password: anybody may join.\n`),
    );
    expect(await admin('password', room, '--none')).toEqual(refused(5, /The room .* has no password\./));
  });

  it.each([
    [['--password-file', '/dev/null'], 2, /The password file \/dev\/null has no password in its first line\./],
    [['--password-file', '/nonexistent'], 2, /cannot be read: no such file/],
    [['--password-file', '/dev/null', '--none'], 2, /Give either --password-file or --none, not both\./],
    [[], 2, /There is no terminal to ask on: give --password-file/],
  ])('with %j is refused in words', async (flags, exitCode, sentence) => {
    const room = newRoom();
    await member(room, 'ann');
    expect(await admin('password', room, ...flags)).toEqual(refused(exitCode, sentence));
  });

  it('that is too long, or for a room that is not there, is refused in words', async () => {
    const long = await fileOf('x'.repeat(129));
    const short = await fileOf('x');
    expect(await admin('password', 'never-made', '--password-file', long)).toEqual(refused(2, /1 to 128 bytes/));
    expect(await admin('password', 'never-made', '--password-file', short)).toEqual(refused(5, /does not exist/));
  });

  it('is asked for twice on a terminal, and never shown', async () => {
    const room = newRoom();
    await WireClient.join(server, room);
    const ask = async (first: string, second: string) => {
      const command = new PtyCommand(['admin', 'password', room, '--server', server.url], { ...server.env });
      running.push(command);
      await command.shows(new RegExp(`New password for ${room}:`));
      command.type(`${first}\r`);
      await command.shows(/Once more:/);
      command.type(`${second}\r`);
      const exitCode = await command.exited;
      return { exitCode, printed: command.screen.printed.join('\n'), output: command.output };
    };
    const differing = await ask('sesame', 'seasame');
    expect(differing.exitCode).toBe(2);
    expect(differing.printed).toContain('The two passwords differ. Nothing was changed.');
    const { exitCode, printed, output } = await ask('sesame', 'sesame');
    expect(exitCode).toBe(0);
    expect(printed).toContain(`${room} has a new password.`);
    expect(output).not.toContain('sesame');
    expect((await WireClient.join(server, room, { password: 'sesame' })).welcome.protected).toBe(true);
    const given = new PtyCommand(['admin', 'password', room, '--server', server.url], { ...server.env });
    running.push(given);
    await given.shows(/New password/);
    given.type('\u0003');
    expect(await given.exited).toBe(130);
  });
});

describe('delete', () => {
  it('ends clients with the reason, speakers too', async () => {
    const room = newRoom();
    const { command } = await member(room, 'ann');
    const say = new Command(['say', room, '--server', server.url, '--nick', 'bob']);
    running.push(say);
    say.type('hi\n');
    await command.printed('stdout', /"text":"hi"/);
    expect(await admin('delete', room, '--yes')).toEqual(ok(`Deleted ${room}.\n`));
    for (const one of [command, say]) {
      const { exitCode, stderr } = await one.ended;
      expect(exitCode).toBe(5);
      expect(stderr).toContain('You were removed from the room: it was deleted');
    }
  });
});
