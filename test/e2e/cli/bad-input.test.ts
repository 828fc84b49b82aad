// What users get wrong: one sentence on standard error that says what to do, the exit code for it, and nothing else.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../support/command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'roomchat-bad-input-'));
const file = join(folder, 'a-file');
const env = { XDG_STATE_HOME: join(folder, 'state'), XDG_DATA_HOME: join(folder, 'share') };
let server: ServerProcess;
let busy: Server;
/** Filled in once there is a server. */
const at = { server: '', busyPort: '', data: '' };

beforeAll(async () => {
  writeFileSync(file, '');
  server = await startServer();
  busy = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => busy.once('listening', resolve));
  const address = busy.address();
  at.busyPort = String(typeof address === 'object' ? address?.port : '');
  at.server = `127.0.0.1:${server.port}`;
  at.data = server.data;
});

afterAll(async () => {
  await server.stop();
  busy.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Words that begin with @ stand for what is only known once the server runs. */
function resolved(words: readonly string[]): string[] {
  const values: Record<string, string> = { '@server': at.server, '@busy': at.busyPort, '@data': at.data };
  return words.map((word) => values[word] ?? word);
}

async function expectRefusal(line: string, exitCode: number, sentence: RegExp, more: Record<string, string> = {}) {
  const words = line.split(' ').map((word) => (word === "''" ? '' : word));
  const ended = await run(resolved(words), { env: { ...env, ...more } });
  expect(ended.stderr).toMatch(sentence);
  // One line, and no stack.
  expect(ended.stderr).toMatch(/^roomchat: [^\n]+[.?]\n$/);
  expect(ended.stderr).not.toMatch(/ {4}at |node:|internal error|ENOENT/);
  expect(ended.stdout).toBe('');
  expect(ended.exitCode).toBe(exitCode);
}

describe('the command line', () => {
  it.each([
    ['srve', 2, /There is no command "srve"\. Did you mean serve\?/],
    ['admin delete lobby', 2, /deletes the room lobby and its whole history for good\. Add --yes to do it\./],
    ['admin rooms --token a --token-file b', 2, /either --token or --token-file, not both/],
    ['serve --tls-cert x', 2, /--tls-cert and --tls-key go together: give both\./],
  ] as const)('%s', (line, exitCode, sentence) => expectRefusal(line, exitCode, sentence));

  it('shows the help where no command was given', async () => {
    const ended = await run([], { env });
    expect(ended.stderr).toMatch(/^Usage: roomchat /);
    expect([ended.exitCode, ended.stdout]).toEqual([2, '']);
  });
});

describe('names', () => {
  it.each(['join a/b --server @server', 'say lobby hi --nick server --server @server'])('%s', (line) =>
    expectRefusal(line, 2, /room name|nick/),
  );

  it('of the environment', () =>
    expectRefusal('join lobby --server @server', 2, /ROOMCHAT_NICK: This nick is not allowed/, {
      ROOMCHAT_NICK: 'a b',
    }));
});

describe('addresses', () => {
  it('one that is none', () => expectRefusal('join lobby --server ftp://127.0.0.1', 2, /server address/));

  it.each([
    ['join lobby', /^roomchat: The server cannot be reached: nothing listens there .*\. Start one with roomchat serve/],
    [
      'say lobby hi',
      /\)\. 1 message was not delivered\. Start one with roomchat serve, or name another one with --server\.\n$/,
    ],
    ['admin rooms', /Start one with roomchat serve/],
    ['admin rooms --token x', /Start one with roomchat serve/],
  ])('nobody there: %s', (line, sentence) => expectRefusal(`${line} --server 127.0.0.1:1`, 3, sentence));

  it('no such host', () =>
    expectRefusal('join lobby --server nobody.invalid', 3, /there is no host with this name|cannot be looked up/));
});

describe('serve', () => {
  it.each([
    [
      'a port in use',
      '--port @busy --ephemeral',
      /Port \d+ on 127\.0\.0\.1 is in use\. Choose another one with --port\./,
    ],
    [
      'a file as its data directory',
      `--port 0 --data ${file}`,
      /is not a directory\. Choose another one with --data\./,
    ],
    ['a data directory below a file', `--port 0 --data ${file}/data`, /is not a directory\./],
    [
      'a data directory where none can be made',
      '--port 0 --data /proc/roomchat',
      /can be created at \/proc\/roomchat\./,
    ],
    ['a data directory below a folder where none can be made', '--port 0 --data /proc/a/b', /can be created at/],
    [
      'a data directory in use',
      '--port 0 --data @data',
      /is using the data directory .* with --data, or none with --ephemeral\./,
    ],
    [
      'the address of another machine',
      '--port 0 --ephemeral --host 192.0.2.1',
      /192\.0\.2\.1 is not an address of this machine\./,
    ],
    ['an address that is none', '--port 0 --ephemeral --host nobody.invalid', /is not an address of this machine\./],
  ])('%s', (_what, flags, sentence) => expectRefusal(`serve ${flags}`, 1, sentence));
});

describe('passwords', () => {
  it.each([
    ['both at once', '--password a --password-file b', /either --password or --password-file, not both/],
    ['an empty file', `--password-file ${file}`, /password file .* has no password in its first line\./],
    ['a file that is not there', '--password-file /nowhere/x', /cannot be read: no such file or directory\./],
    ['a folder', `--password-file ${folder}`, /cannot be read: illegal operation on a directory\./],
    ['an empty one', "--password ''", /A password has 1 to 128 bytes\./],
    ['one of 129 bytes', `--password ${'x'.repeat(129)}`, /A password has 1 to 128 bytes\./],
  ])('%s', (_what, flags, sentence) => expectRefusal(`join lobby --server @server ${flags}`, 2, sentence));

  it('wrong, or none', async () => {
    expect(
      (await run(resolved(['say', 'closed', 'hi', '--password', 'right', '--server', '@server']), { env })).exitCode,
    ).toBe(0);
    await expectRefusal(
      'say closed hi --server @server',
      4,
      /has a password\. 1 message was not delivered\. Give it with --password/,
    );
    await expectRefusal(
      'join closed --server @server',
      4,
      /has a password\. Give it with --password or --password-file\./,
    );
    await expectRefusal('join closed --password wrong --server @server', 4, /This is not the password of the room\.\n/);
    await expectRefusal('say closed hi --server @server', 4, /not the password/, { ROOMCHAT_PASSWORD: 'wrong too' });
  });
});

it('says of a message that is too long what is wrong, and does not send the rest of it', () =>
  expectRefusal(`say lobby --server @server ${'x'.repeat(16_385)}`, 5, /A message has at most 16384 bytes/));

it('says of an empty message that it is empty', () => expectRefusal("say lobby '' --server @server", 2, /empty/));
