// `say` as a part of a pipe: what it makes of its input, when it goes, and how it ends.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Command, run } from '../../support/command.ts';
import { peakBytes } from '../../support/process-figures.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

const MEBIBYTE = 1024 * 1024;

let server: ServerProcess;
let rooms = 0;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** A room of this test alone. */
const newRoom = () => `say-${++rooms}`;
const to = (room: string, ...rest: string[]) => ['say', room, '--server', server.url, ...rest];

async function textsIn(room: string): Promise<string[]> {
  const log = await readFile(join(server.data, 'rooms', room, 'log.ndjson'), 'utf8');
  return log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).text);
}

describe('standard input', () => {
  it.each([
    ['a message a line', 'one\ntwo\n', ['one', 'two']],
    ['blank lines skipped', '\none\n\n  \n\t\ntwo\n\n', ['one', 'two']],
    ['CRLF', 'one\r\ntwo\r\n', ['one', 'two']],
    ['no newline at the end', 'one\ntwo', ['one', 'two']],
    ['blanks kept at both ends', '  one  \n', ['  one  ']],
    ['slashes and dashes', '/quit\n-1\n--help\n', ['/quit', '-1', '--help']],
    ['control characters', 'a\u0001b\u001b[2J\n', ['a\u0001b\u001b[2J']],
  ])('%s', async (_what, input, texts) => {
    const room = newRoom();
    const ended = await run(to(room), { input });
    expect(ended).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await textsIn(room)).toEqual(texts);
  });

  it('of 10,000 lines arrives whole and in order before it goes', async () => {
    const room = newRoom();
    const lines = Array.from({ length: 10_000 }, (_, index) => String(index));
    expect((await run(to(room), { input: lines.join('\n') })).exitCode).toBe(0);
    expect(await textsIn(room)).toEqual(lines);
  });

  it('says each line as it comes, and goes on for as long as more may come: tail -f x | roomchat say', async () => {
    const room = newRoom();
    const command = new Command(to(room));
    command.type('first\n');
    await server.printed(new RegExp(`${room}: <[^>]+> first\n`));
    command.type('sec');
    command.type('ond\n');
    await server.printed(new RegExp(`${room}: <[^>]+> second\n`));
    command.stdin.end();
    expect((await command.ended).exitCode).toBe(0);
  });

  it('reports a line that is too long, says the rest, and ends with 5', async () => {
    const room = newRoom();
    const fits = 'x'.repeat(16_384);
    const ended = await run(to(room), { input: `before\n${fits}\n${fits}x\nafter\n` });
    expect(ended.stderr).toMatch(
      /^roomchat: a message was refused: A message has at most 16384 bytes[^\n]*\nroomchat: 1 of the messages was refused\.\n$/,
    );
    expect([ended.exitCode, ended.stdout]).toEqual([5, '']);
    expect(await textsIn(room)).toEqual(['before', fits, 'after']);
  });

  it('reports a line that is not text with its number, says the rest, and ends with 5', async () => {
    const room = newRoom();
    const input = Buffer.from('one\n\n\xff\nt\0wo\né\n\xc3', 'latin1');
    const ended = await run(to(room), { input: Buffer.concat([input, Buffer.from('\nthree é\n')]) });
    expect(ended.stderr).toBe(
      `${[
        'Line 3 was refused: it is not text in UTF-8.',
        'Line 4 was refused: it is not text, for it holds a NUL byte.',
        'Line 5 was refused: it is not text in UTF-8.',
        'Line 6 was refused: it is not text in UTF-8.',
        '4 of the messages were refused.',
      ]
        .map((sentence) => `roomchat: ${sentence}`)
        .join('\n')}\n`,
    );
    expect([ended.exitCode, ended.stdout]).toEqual([5, '']);
    expect(await textsIn(room)).toEqual(['one', 'three é']);
  });

  it.each([
    { input: 'one endless line', chunk: Buffer.alloc(MEBIBYTE, 'x'), exitCode: 5, lines: 1 },
    { input: 'many lines', chunk: Buffer.from(`${'x'.repeat(1023)}\n`.repeat(1024)), exitCode: 0, lines: 102_401 },
  ])(
    'of $input is not kept: what it holds does not grow with what it has read',
    async ({ chunk, exitCode, lines }) => {
      const room = newRoom();
      const command = new Command(to(room), { env: { NODE_OPTIONS: SMALL_HEAP } });
      await feed(command, chunk, 40);
      const early = peakBytes(command.pid);
      await feed(command, chunk, 60);
      const late = peakBytes(command.pid);
      command.stdin.end('\nafter\n');
      expect((await command.ended).exitCode).toBe(exitCode);
      expect((await textsIn(room)).length).toBe(lines);
      expect(late - early).toBeLessThan(30 * MEBIBYTE);
    },
    120_000,
  );
});

/** Releases of Node differ in how much garbage they keep about before they collect it: here all keep little. */
const SMALL_HEAP = '--max-semi-space-size=1 --max-old-space-size=48';

/** Gives a command so many chunks, each once the last was taken. */
async function feed(command: Command, chunk: Buffer, times: number): Promise<void> {
  for (let sent = 0; sent < times; sent++) {
    if (!command.stdin.write(chunk)) await new Promise((resolve) => command.stdin.once('drain', resolve));
  }
}

describe('--whole', () => {
  it.each([
    ['as one message, without its last newline', 'one\n\n  two\n', 0, ['one\n\n  two']],
    ['without a newline at the end', 'one', 0, ['one']],
    ['exactly 16 KiB', `${'x'.repeat(16_384)}\n`, 0, ['x'.repeat(16_384)]],
  ])('%s', async (_what, input, exitCode, texts) => {
    const room = newRoom();
    expect((await run(to(room, '--whole'), { input })).exitCode).toBe(exitCode);
    expect(await textsIn(room)).toEqual(texts);
  });

  it('says nothing where there is nothing', async () => {
    const room = newRoom();
    expect(await run(to(room, '--whole'), { input: '\n' })).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await run(to(room, 'first'));
    expect(await textsIn(room)).toEqual(['first']);
  });

  it.each([
    ['too long', 'x'.repeat(100_000), /^roomchat: A message has at most 16384 bytes[^\n]*\n$/],
    ['not text', Buffer.from([0x61, 0xff]), /^roomchat: The input was refused: it is not text in UTF-8\.\n$/],
  ])('%s is one sentence and 5', async (_what, input, sentence) => {
    const ended = await run(to(newRoom(), '--whole'), { input });
    expect(ended.stderr).toMatch(sentence);
    expect([ended.exitCode, ended.stdout]).toEqual([5, '']);
  });
});

describe('a message as arguments', () => {
  it('is joined by blanks, and after -- may begin with a dash', async () => {
    const room = newRoom();
    expect((await run(to(room, 'hello', 'every  body'))).exitCode).toBe(0);
    expect((await run(to(room, '--', '--version'))).exitCode).toBe(0);
    expect(await textsIn(room)).toEqual(['hello every  body', '--version']);
  });

  it('leaves the standard input alone', async () => {
    const room = newRoom();
    const command = new Command(to(room, 'hi'));
    expect((await command.ended).exitCode).toBe(0);
  });
});

describe('the end', () => {
  it('by Ctrl-C is 130', async () => {
    const room = newRoom();
    const command = new Command(to(room));
    command.type('first\n');
    await server.printed(new RegExp(`${room}: <[^>]+> first\n`));
    command.kill('SIGINT');
    expect(await command.ended).toEqual({ exitCode: 130, stdout: '', stderr: '' });
  });

  it('does not need anybody who reads its output', async () => {
    const room = newRoom();
    const command = new Command(to(room));
    command.closeStdout();
    command.stdin.end('one\ntwo\n');
    expect((await command.ended).exitCode).toBe(0);
    expect(await textsIn(room)).toEqual(['one', 'two']);
  });

  it('where the server is gone for --timeout seconds: 3, and how many messages were not delivered', async () => {
    const other = await startServer();
    const command = new Command(['say', 'lobby', '--server', other.url, '--timeout', '1']);
    command.type('kept\n');
    await other.printed(/lobby: <[^>]+> kept\n/);
    await other.stop('SIGKILL');
    await command.printed('stderr', /Trying again for 1 second\.\n/);
    command.stdin.end('lost\nlost too\n');
    const ended = await command.ended;
    expect(ended.stderr).toMatch(/roomchat: The server did not come back\. 2 messages were not delivered\.\n$/);
    expect([ended.exitCode, ended.stdout]).toEqual([3, '']);
  });

  it('comes only with the last receipt, from a server that went away and came back', async () => {
    const data = join(server.data, '..', 'another');
    const first = await startServer({ data });
    const command = new Command(['say', 'lobby', '--server', first.url]);
    command.type('before\n');
    await first.printed(/lobby: <[^>]+> before\n/);
    await first.stop('SIGKILL');
    await command.printed('stderr', /Trying again/);
    command.stdin.end('after\n');
    const second = await startServer({ data, args: ['--port', String(first.port)] });
    expect((await command.ended).exitCode).toBe(0);
    const log = await readFile(join(data, 'rooms', 'lobby', 'log.ndjson'), 'utf8');
    expect(log.match(/"text":"\w+"/g)).toEqual(['"text":"before"', '"text":"after"']);
    await second.stop();
  });
});

it('speaks under the nick given, the one of the environment, or the login name; a member that has it is in the way', async () => {
  const room = newRoom();
  const env = { ROOMCHAT_NICK: 'from-env', ROOMCHAT_SERVER: server.url };
  await run(['say', room, 'a'], { env });
  await run(['say', room, 'b', '--nick', 'from-flag'], { env });
  const log = await readFile(join(server.data, 'rooms', room, 'log.ndjson'), 'utf8');
  expect(log.match(/"nick":"[^"]+"/g)).toEqual(['"nick":"from-env"', '"nick":"from-flag"']);
  const member = new Command(['join', room, '--server', server.url, '--nick', 'bob']);
  await server.printed(new RegExp(`${room}: bob joined`));
  const ended = await run(to(room, 'c', '--nick', 'Bob'));
  expect(ended.exitCode).toBe(5);
  expect(ended.stderr).toMatch(/^roomchat: [^\n]*nick[^\n]*\n$/i);
  await member.stop();
});
