// What a node's data directory holds are copies: what the admin does to one, what a disk does to it, and what is done about it.

import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { linesOfRoom, temporaryFolder } from '../../cluster/own-rooms.ts';
import { hasNatsServer, type Nats, startNats } from '../../support/nats.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let nats: Nats;
let a: ServerProcess;
let b: ServerProcess;

async function startNode(name: string, data?: string): Promise<ServerProcess> {
  const args = ['--nats', nats.urls.join(','), '--node', name];
  return await startServer({ args, ...(data !== undefined && { data }) });
}

/** One that the test may stop, with a folder that stays until it ends. */
async function spareNode(): Promise<{ data: string; start(): Promise<ServerProcess> }> {
  const data = await temporaryFolder();
  const start = async () => {
    const server = await startNode('spare', data);
    onTestFinished(async () => void (await server.stop('SIGKILL')));
    return server;
  };
  return { data, start };
}

function admin(server: ServerProcess, args: readonly string[], input = '') {
  const all = [COMMAND, 'admin', ...args, '--server', server.url];
  return execa(process.execPath, all, { env: server.env, reject: false, stripFinalNewline: false, input });
}

function logPath({ data }: { readonly data: string }, room: string): string {
  return join(data, 'rooms', room, 'log.ndjson');
}

function logOf(server: { readonly data: string }, room: string): Promise<string> {
  return readFile(logPath(server, room), 'utf8');
}

/** Puts one byte in the place of another, in the middle of the file or so many before its end. */
async function bend(path: string, byte: string, beforeEnd?: number): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  await file.write(byte, beforeEnd === undefined ? Math.floor(size / 2) : size - beforeEnd);
  await file.close();
}

/** So many messages with long texts, said at this node. */
async function fill(server: ServerProcess, room: string, count: number): Promise<WireClient> {
  const { client } = await WireClient.join(server, room, { nick: 'writer' });
  for (let i = 0; i < count; i++) client.send({ type: 'say', text: `${i} ${'x'.repeat(1_000)}`, ref: `r${i}` });
  await client.count('message', count);
  return client;
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(new RegExp(pattern, 'g'))].length;
}

describe.skipIf(!hasNatsServer())('copies at the nodes of a cluster', () => {
  beforeAll(async () => {
    nats = await startNats({ servers: 3 });
    a = await startNode('a');
    b = await startNode('b');
  }, 120_000);

  afterAll(async () => {
    await Promise.all([a, b].map((one) => one.stop('SIGKILL')));
    await nats.end();
  });

  it('an import makes a room of the cluster, of a name that it has not', async () => {
    const lines = linesOfRoom('taken', 1_200).join('');
    const imported = await admin(a, ['import', 'taken', '--open'], lines);
    expect(imported).toMatchObject({ exitCode: 0, stdout: 'Made taken of 1200 lines.\n' });
    const { client } = await WireClient.join(b, 'taken', { nick: 'ann' });
    expect(client.of('message').length).toBe(1_200);
    await client.say('after', 'r1');
    const { client: here } = await WireClient.join(a, 'taken', { nick: 'bob', last: 1 });
    expect(here.of('message')).toMatchObject([{ seq: 1_201, text: 'after' }]);
    expect((await logOf(a, 'taken')).startsWith(lines)).toBe(true);
    expect(await logOf(a, 'taken')).toBe(await logOf(b, 'taken'));
    const again = await admin(b, ['import', 'taken', '--open'], lines);
    expect(again).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('The room taken already exists') });
    // An import is no room of the node's own: it starts again without more ado.
    expect(a.output()).not.toContain('warning');
  });

  it('an export has all lines, at a node that has no copy and at one that has an old one', async () => {
    const writer = await fill(a, 'exported', 100);
    const none = await admin(b, ['export', 'exported']);
    expect([none.exitCode, none.stdout === (await logOf(a, 'exported'))]).toEqual([0, true]);
    const { start } = await spareNode();
    const spare = await start();
    await admin(spare, ['export', 'exported']);
    await spare.stop();
    await writer.say('later', 'later');
    const old = await admin(await start(), ['export', 'exported']);
    expect(old.stdout === (await logOf(a, 'exported'))).toBe(true);
    expect(old.stdout).toContain('later');
  });

  it.each([
    ['a letter of a line is another', (folder: string) => bend(join(folder, 'log.ndjson'), 'y')],
    ['a line is none any more', (folder: string) => bend(join(folder, 'log.ndjson'), '\0')],
    ['the index is not what was written', (folder: string) => bend(join(folder, 'copy.index'), 'y', 1)],
    ['its description is not readable', (folder: string) => writeFile(join(folder, 'room.json'), '{')],
    ['its description is gone', (folder: string) => rm(join(folder, 'room.json'))],
  ])('a copy is fetched anew where %s', async (what, damage) => {
    const room = what.replaceAll(' ', '-');
    await fill(a, room, 100);
    const { data, start } = await spareNode();
    const spare = await start();
    await (await WireClient.join(spare, room, { nick: 'ann' })).client.leave();
    await spare.stop();
    await damage(join(data, 'rooms', room));
    const again = await start();
    const { client } = await WireClient.join(again, room, { nick: 'ann' });
    expect(client.of('message').length).toBe(100);
    expect((await logOf(again, room)) === (await logOf(a, room))).toBe(true);
    expect(count(again.output(), /warning/)).toBe(1);
    expect(again.output()).toContain(`${room}: the copy of this room was damaged, and is fetched anew`);
  });

  it.each([
    ['end', -2_500],
    ['lines', -1_000_000],
  ])('a copy whose %s a power loss took goes on without a word', async (part, kept) => {
    const room = `torn-${part}`;
    await fill(a, room, 100);
    const { data, start } = await spareNode();
    const spare = await start();
    await (await WireClient.join(spare, room, { nick: 'ann' })).client.leave();
    await spare.stop('SIGKILL');
    const log = logPath({ data }, room);
    await writeFile(log, (await readFile(log)).subarray(0, kept));
    await writeFile(join(data, 'rooms', room, 'open'), 'another boot\n0\n');
    const again = await start();
    const { client } = await WireClient.join(again, room, { nick: 'ann' });
    expect(client.of('message').length).toBe(100);
    expect((await client.say('next', 'r1')).seq).toBe(101);
    expect((await logOf(again, room)) === (await logOf(a, room))).toBe(true);
    expect(again.output()).not.toContain('warning');
  });

  it('damage that is found while a room is open sends its members away, who find it whole', async () => {
    await fill(a, 'open', 400);
    await WireClient.join(b, 'open', { nick: 'ann', last: 1 });
    await bend(logPath(b, 'open'), '\0');
    const reader = await WireClient.open(b, 'open');
    reader.send({ type: 'join', nick: 'bob' });
    expect((await reader.closed).code).toBe(1012);
    const { client } = await WireClient.join(b, 'open', { nick: 'bob' });
    expect(client.of('message').length).toBe(400);
    expect((await logOf(b, 'open')) === (await logOf(a, 'open'))).toBe(true);
    expect(count(b.output(), /warning: open:/)).toBe(1);
    expect(b.output()).toContain('open: the copy of this room was damaged, and is fetched anew');
  });

  it('repair says what is wrong with a copy, and fetches it anew when it is told to', async () => {
    await fill(a, 'mended', 100);
    await WireClient.join(b, 'mended', { nick: 'ann' });
    expect((await admin(b, ['repair', 'mended'])).stdout).toBe('Nothing is wrong with the copy of mended here.\n');
    await bend(logPath(b, 'mended'), 'y');
    const shown = await admin(b, ['repair', 'mended']);
    expect(shown.stdout).toMatch(
      /not what the cluster has[\s\S]*would be fetched anew, and nothing is lost\. Add --yes/,
    );
    expect((await logOf(b, 'mended')) === (await logOf(a, 'mended'))).toBe(false);
    const plan = JSON.parse((await admin(b, ['repair', 'mended', '--json'])).stdout);
    expect(plan).toMatchObject({ lines: 100, missing: 0, count: 1, copy: true });
    const done = await admin(b, ['repair', 'mended', '--yes']);
    expect(done).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/was wrong: .* It was fetched anew with all 100 lines\.\n$/),
    });
    expect((await logOf(b, 'mended')) === (await logOf(a, 'mended'))).toBe(true);
    expect((await logOf(a, 'mended')).match(/\n/g)).toHaveLength(100);
    expect(count(b.output(), /warning: mended:/)).toBe(1);
  });

  it('a copy that cannot be written sends its members elsewhere, until there is room', async () => {
    const writer = await fill(a, 'full', 50);
    const { client: ann } = await WireClient.join(b, 'full', { nick: 'ann' });
    const { size } = await stat(logPath(b, 'full'));
    const limit = async (bytes: string) => await execa('prlimit', ['--pid', String(b.pid), `--fsize=${bytes}:`]);
    await limit(String(size + 100));
    await writer.say('z'.repeat(1_000), 'z');
    expect((await ann.closed).code).toBe(1012);
    for (let i = 0; i < 3; i++) {
      const again = await WireClient.open(b, 'full');
      again.send({ type: 'join', nick: 'ann' });
      expect((await again.closed).code).toBe(1012);
    }
    const refused = await admin(b, ['broadcast', 'full', 'hello']);
    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('This server cannot serve this room right now.'),
    });
    expect(count(b.output(), /warning: full:/)).toBe(1);
    expect(b.output()).toMatch(/full: the copy of this room cannot be written, and its members are sent .*EFBIG/);
    const { client: elsewhere } = await WireClient.join(a, 'full', { nick: 'ann' });
    expect(elsewhere.of('message').length).toBe(51);
    await limit('unlimited');
    const { client: back } = await WireClient.join(b, 'full', { nick: 'cat' });
    expect(back.of('message').length).toBe(51);
    expect((await back.say('again', 'r1')).seq).toBe(52);
    await writer.said('again');
    expect((await logOf(b, 'full')) === (await logOf(a, 'full'))).toBe(true);
    await b.printed(/full: the copy of this room can be written again/);
  });

  it('who waits for an answer when a copy cannot be written gets one', async () => {
    await fill(b, 'asked', 50);
    const { size } = await stat(logPath(b, 'asked'));
    await execa('prlimit', ['--pid', String(b.pid), `--fsize=${size + 100}:`]);
    const told = await admin(b, ['broadcast', 'asked', 'z'.repeat(1_000)]);
    expect(told).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('The room was closed before this was') });
    await execa('prlimit', ['--pid', String(b.pid), '--fsize=unlimited:']);
    const { client } = await WireClient.join(b, 'asked', { nick: 'bob' });
    expect(client.of('notice').map(({ text }) => text.length)).toEqual([1_000]);
  });
});
