// What curl reads of a room's log: its bytes, a part of them, or what comes, as a reader of whom nobody hears.

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { run } from '../../support/command.ts';
import { curl, curlTest } from '../../support/curl.ts';
import { eventually } from '../../support/eventually.ts';
import { residentBytes } from '../../support/process-figures.ts';
import { freshRoom } from '../../support/room-names.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const MIB = 1024 * 1024;
const PATIENCE_MS = 10_000;

let server: ServerProcess;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roomchat-plain-'));
  server = await startServer({ data: join(folder, 'data') });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const fileOf = (room: string, { data }: ServerProcess = server): Promise<Buffer> =>
  readFile(join(data, 'rooms', room, 'log.ndjson'));

async function filled(texts: readonly string[], times = 1): Promise<{ room: string; url: string; log: string[] }> {
  const room = freshRoom();
  const url = `${server.url}/rooms/${room}`;
  for (let i = 0; i < times; i++) await curl(['--data-binary', '@-', `${url}?lines`], texts.join('\n'));
  return { room, url: `${url}/log`, log: (await fileOf(room)).toString().split(/(?<=\n)/) };
}

/** A curl that stays, and what it has printed. */
function following(url: string, ...args: string[]) {
  const child = execa('curl', ['-q', '-sSN', ...args, url], {
    reject: false,
    buffer: false,
    forceKillAfterDelay: false,
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await child;
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return {
    child,
    text: () => text,
    has: (wanted: string) => eventually(`it has printed ${wanted}`, PATIENCE_MS, async () => text === wanted),
  };
}

curlTest('the log is given byte for byte: all of it, from a line on, or its last lines', async () => {
  const { room, url, log } = await filled(['a', 'zwölf', 'x'.repeat(9_000), 'd', 'e']);
  const all = await curl([url]);
  expect([all.status, all.headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
  expect(all.body.equals(await fileOf(room))).toBe(true);
  expect((await curl([`${url}?since=0`])).text).toBe(log.join(''));
  expect((await curl([`${url}?since=3`])).text).toBe(log.slice(3).join(''));
  expect((await curl([`${url}?since=5`])).text).toBe('');
  expect((await curl([`${url}?last=2`])).text).toBe(log.slice(3).join(''));
  expect((await curl([`${url}?last=0`])).text).toBe('');
  const beyond = await curl([`${url}?since=6`]);
  expect([beyond.text, beyond.headers.get('roomchat-error')]).toEqual([log.join(''), 'epoch_changed']);
  expect((await curl([`${url}?since=x`])).status).toBe(400);
  expect((await curl([`${url}?since=1&last=1`])).status).toBe(400);
  expect((await curl(['-d', 'x', url])).headers.get('allow')).toBe('GET, HEAD');
  // Reading makes no room.
  for (let i = 0; i < 2; i++) expect((await curl([`${server.url}/rooms/nowhere/log`])).status).toBe(404);
  await curl(['-u', 'ann:s3cret', '-d', 'hidden', `${server.url}/rooms/vault`]);
  const vault = `${server.url}/rooms/vault/log`;
  expect((await curl([vault])).headers.get('www-authenticate')).toMatch(/^Basic /);
  expect((await curl(['-u', ':wrong', vault])).status).toBe(401);
  expect((await curl(['-u', ':s3cret', vault])).body.equals(await fileOf('vault'))).toBe(true);
});

curlTest('whoever resumes gets the rest: by ETag, Range and If-Range, also after the log has grown', async () => {
  const { room, url, log } = await filled(
    Array.from({ length: 100 }, (_, i) => `line ${i} ${'x'.repeat(i * 9)}`),
    2,
  );
  const bytes = Buffer.from(log.join(''));
  const head = await curl(['-I', url]);
  expect([head.status, head.headers.get('content-length'), head.text]).toEqual([200, String(bytes.length), '']);
  const tag = head.headers.get('etag') ?? '';
  expect((await curl(['-H', `If-None-Match: W/${tag}`, url])).status).toBe(304);
  const part = async (range: string, ...args: string[]) => {
    const { status, headers, text } = await curl(['-r', range, ...args, url]);
    return [status, headers.get('content-range'), text];
  };
  const size = bytes.length;
  for (const [range, from, to] of [
    ['0-0', 0, 1],
    ['7-5000', 7, 5_001],
    [`${size - 70_000}-${size - 2}`, size - 70_000, size - 1],
    [`${size - 10}-${size + 10}`, size - 10, size],
    ['-100', size - 100, size],
    [`-${size + 1}`, 0, size],
    ['100-', 100, size],
  ] as const) {
    const wanted = [206, `bytes ${from}-${to - 1}/${size}`, bytes.toString('utf8', from, to)];
    expect([range, ...(await part(range))]).toEqual([range, ...wanted]);
  }
  expect(await part(`${size}-`)).toEqual([416, `bytes */${size}`, '']);
  expect(await part('5-4')).toEqual([200, undefined, bytes.toString()]);
  expect(await part('0-1,5-6')).toEqual([200, undefined, bytes.toString()]);
  await curl(['-d', 'more', url.replace(/\/log$/, '')]);
  const grown = await fileOf(room);
  expect((await curl(['-H', `If-None-Match: ${tag}`, url])).status).toBe(200);
  const rest = [206, `bytes ${size}-${grown.length - 1}/${grown.length}`, grown.toString('utf8', size)];
  expect(await part(`${size}-`, '-H', `If-Range: ${tag}`)).toEqual(rest);
  for (const other of [tag.replace(/\d"$/, 'x"'), tag.replace(/^"./, '"~'), '"x"', 'Thu, 26 Nov 2026 10:00:00 GMT']) {
    expect((await part('5-', '-H', `If-Range: ${other}`))[0]).toBe(200);
  }
  // The last lines begin elsewhere each time.
  expect((await curl(['-r', '5-', `${url}?last=3`])).status).toBe(200);
});

curlTest('?follow stays and gives what comes, unnoticed by the room; a graceful stop ends it in order', async () => {
  const data = await mkdtemp(join(tmpdir(), 'roomchat-plain-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  // Two places, of which curl has one.
  const small = await startServer({ data, args: ['--max-clients', '2'] });
  onTestFinished(async () => void (await small.stop()));
  const { client } = await WireClient.join(small, 'r', { nick: 'ann' });
  await client.say('before');
  const follower = following(`${small.url}/rooms/r/log?follow`);
  await follower.has((await fileOf('r', small)).toString());
  for (const text of ['one', 'two']) await client.say(text);
  await follower.has((await fileOf('r', small)).toString());
  client.send({ type: 'who' });
  expect(await client.next('members')).toMatchObject({ present: 1, members: [{ nick: 'ann' }] });
  expect(new Set(client.types)).toEqual(new Set(['welcome', 'live', 'message', 'members']));
  for (const path of ['r', 'r/log']) {
    const full = await curl([...(path === 'r' ? ['-d', 'x'] : []), `${small.url}/rooms/${path}`]);
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '10']);
  }
  expect(await small.stop()).toBe(0);
  expect(await follower.child).toMatchObject({ exitCode: 0 });
});

curlTest('a follower goes with its room', async () => {
  const { room, url, log } = await filled(['a']);
  const follower = following(`${url}?follow`);
  await follower.has(log.join(''));
  expect((await run(['admin', 'delete', room, '--yes', '--server', server.url], { env: server.env })).exitCode).toBe(0);
  expect(await follower.child).toMatchObject({ exitCode: 0 });
  expect((await curl([url])).status).toBe(404);
});

curlTest('a follower that takes nothing costs a cursor, and has every byte in the end', async () => {
  const command = [process.execPath, '--max-semi-space-size=1', '--max-old-space-size=64', COMMAND, 'serve'] as const;
  const slim = await startServer({ command });
  onTestFinished(async () => void (await slim.stop()));
  const { client } = await WireClient.join(slim, 'r', { as: 'speaker' });
  const text = 'x'.repeat(16_000);
  const pass = async (from: number) => {
    for (let i = from; i < from + 1_600; i += 32) {
      for (let j = i; j < i + 32; j++) client.send({ type: 'say', text: `${j} ${text}` });
      await client.said(`${i + 31} ${text}`);
    }
  };
  await pass(0);
  const socket = connect(slim.port, '127.0.0.1');
  socket.pause();
  socket.write('GET /rooms/r/log?follow HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n');
  await pass(1_600);
  const calm = residentBytes(slim.pid);
  await pass(3_200);
  // It was not sent 25 MB more, nor are they kept for it.
  expect((residentBytes(slim.pid) - calm) / MIB).toBeLessThan(12);
  const log = await fileOf('r', slim);
  const hash = createHash('sha256');
  let bytes = 0;
  let head: Buffer | undefined = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    let body = chunk;
    if (head !== undefined) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      body = head.subarray(end + 4);
      head = undefined;
    }
    hash.update(body);
    bytes += body.length;
  });
  socket.resume();
  await eventually('it has all bytes', PATIENCE_MS, async () => bytes === log.length);
  expect(hash.digest('hex')).toBe(createHash('sha256').update(log).digest('hex'));
  socket.destroy();
});
