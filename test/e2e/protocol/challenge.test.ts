// The challenge as it was set, with its two programs: `node bin/server.js` and `node bin/client.js <room>`; and what the
// command's own page promises of pipes.

import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ControlClient } from '../../support/control-client.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';

const SERVER: readonly [string, ...string[]] = [process.execPath, resolve('bin/server.js')];
const CLIENT = resolve('bin/client.js');

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer({ command: SERVER });
});
afterAll(() => server.stop());

interface Person {
  say(text: string): void;
  /** Resolves when it has been shown this, on either of its outputs. */
  sees(text: string | RegExp): Promise<void>;
  /** Its standard output. */
  printed(): string;
  stop(): Promise<number | undefined>;
}

/** A client in a room, with its standard input open: ready once the server has it. */
async function joins(room: string, nick: string, flags: readonly string[] = [], at = server): Promise<Person> {
  const child = execa(process.execPath, [CLIENT, room, '--nick', nick, '--server', at.url, ...flags], {
    env: at.env,
    reject: false,
    buffer: false,
  });
  let output = '';
  const waiting = new Set<() => void>();
  let errors = '';
  const checkAll = (): void => {
    for (const check of waiting) check();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    checkAll();
  });
  // Where the output is no terminal, who comes and goes is told beside it, so that a pipe holds messages alone.
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
    checkAll();
  });
  const stop = async () => {
    child.kill('SIGINT');
    return (await child).exitCode;
  };
  onTestFinished(() => void stop());
  await at.printed(new RegExp(`${room}: ${nick} joined`));
  return {
    say: (text) => child.stdin.write(`${text}\n`),
    printed: () => output,
    sees: (text) =>
      new Promise((done, fail) => {
        const check = (): void => {
          const seen = output + errors;
          if (typeof text === 'string' ? !seen.includes(text) : !text.test(seen)) return;
          waiting.delete(check);
          done();
        };
        waiting.add(check);
        void child.then(() => fail(new Error(`${nick} ended before it saw ${text}; it saw\n${output}${errors}`)));
        check();
      }),
    stop,
  };
}

const times = (text: string, part: string): number => text.split(part).length - 1;

describe('three clients in a room and one in another', () => {
  it('share every message in the room, none sees its own twice, and the other room hears nothing', async () => {
    const [ann, bob, cy, dora] = [
      await joins('lobby', 'ann'),
      await joins('lobby', 'bob'),
      await joins('lobby', 'cy'),
      await joins('elsewhere', 'dora'),
    ];
    await ann.sees(/bob/);
    await ann.sees(/cy/);
    ann.say('hello from ann');
    await Promise.all([bob.sees('hello from ann'), cy.sees('hello from ann')]);
    bob.say('hello from bob');
    await Promise.all([ann.sees('hello from bob'), cy.sees('hello from bob')]);
    cy.say('hello from cy');
    await Promise.all([ann.sees('hello from cy'), bob.sees('hello from cy')]);

    // A fourth that comes late sees the whole history.
    const eve = await joins('lobby', 'eve');
    await eve.sees('hello from cy');
    const order = ['hello from ann', 'hello from bob', 'hello from cy'].map((text) => eve.printed().indexOf(text));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);

    // The server speaks by itself, to the room and to one client alone.
    const admin = await ControlClient.open(server, await server.adminToken());
    await admin.ask({ type: 'broadcast', room: 'lobby', text: 'notice to all' });
    await Promise.all([ann, bob, cy, eve].map((person) => person.sees('notice to all')));
    const { parts, end } = await admin.ask({ type: 'clients', room: 'lobby' });
    const listed = JSON.stringify([...parts, end]);
    const id = /"id":"([^"]+)","nick":"bob"/.exec(listed)?.[1];
    await admin.ask({ type: 'dm', id, text: 'for bob alone' });
    await bob.sees('for bob alone');

    // Not a terminal: one's own messages are not printed at all, the others' once.
    for (const [person, own] of [
      [ann, 'hello from ann'],
      [bob, 'hello from bob'],
      [cy, 'hello from cy'],
    ] as const) {
      expect(times(person.printed(), own)).toBe(0);
      for (const text of ['hello from ann', 'hello from bob', 'hello from cy']) {
        if (text !== own) expect(times(person.printed(), text)).toBe(1);
      }
    }
    for (const person of [ann, cy, eve]) expect(person.printed()).not.toContain('for bob alone');
    expect(dora.printed()).not.toMatch(/hello|notice/);

    // The server's console shows every client and every message, once.
    for (const text of ['hello from ann', 'hello from bob', 'hello from cy']) {
      expect(times(server.output(), text)).toBe(1);
    }
    for (const nick of ['ann', 'bob', 'cy', 'dora', 'eve']) expect(server.output()).toContain(`${nick} joined`);
    expect(await ann.stop()).toBe(130);
  });
});

it('keeps a room, its history and its password over a restart', async () => {
  const first = await startServer({ command: SERVER });
  onTestFinished(async () => void (await first.stop()));
  const ann = await joins('kept', 'ann', ['--password', 'p'], first);
  ann.say('from before');
  await first.printed(/from before/);
  process.kill(first.pid, 'SIGTERM');
  await first.printed(/stopped/);
  const second = await startServer({ command: SERVER, data: first.data });
  onTestFinished(async () => void (await second.stop()));
  const bob = await joins('kept', 'bob', ['--password', 'p'], second);
  await bob.sees('from before');
  const wrong = await execa(process.execPath, [CLIENT, 'kept', '--server', second.url, '--password', 'wrong'], {
    env: second.env,
    reject: false,
    stdin: 'ignore',
  });
  expect(wrong.exitCode).toBe(4);
  expect(wrong.stdout).toBe('');
});

it('seq 1 100000 | roomchat say lobby: whole, in order, and join --json prints the bytes of the log', async () => {
  const lines = Array.from({ length: 100_000 }, (_, index) => String(index + 1));
  const flags = ['--server', server.url, '--nick'];
  const reader = execa(process.execPath, [COMMAND, 'join', 'count', ...flags, 'reader', '--json'], {
    env: server.env,
    reject: false,
    maxBuffer: 100_000_000,
    stdin: 'ignore',
  });
  onTestFinished(() => void reader.kill());
  await server.printed(/count: reader joined/);
  const read = new Promise<void>((done) => {
    let tail = '';
    reader.stdout.on('data', (chunk: Buffer) => {
      tail = (tail + chunk).slice(-1_000);
      if (tail.includes('"text":"100000"')) done();
    });
  });
  const said = await execa(process.execPath, [COMMAND, 'say', 'count', ...flags, 'counter'], {
    env: server.env,
    input: `${lines.join('\n')}\n`,
  });
  expect(said).toMatchObject({ exitCode: 0, stdout: '' });
  await read;
  reader.kill('SIGINT');
  const printed = (await reader).stdout
    .split('\n')
    .filter((line) => line.startsWith('{"type":"message"'))
    .map((line) => `${line}\n`)
    .join('');
  const folder = (await readdir(join(server.data, 'rooms'))).find((name) => name.includes('count')) ?? '';
  const log = await readFile(join(server.data, 'rooms', folder, 'log.ndjson'), 'utf8');
  const texts = log
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line).text);
  expect(texts).toEqual(lines);
  expect(printed === log, 'join --json prints what the log holds, byte for byte').toBe(true);
}, 60_000);
