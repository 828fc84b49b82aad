// Every row of the table of errors: the code, what is said for people, and how the connection ends, or that it stays.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RawPeer } from '../../support/raw-http.ts';
import { freshRoom } from '../../support/room-names.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function ends(client: WireClient): Promise<[code: string | undefined, close: number]> {
  const { code: close } = await client.closed;
  const error = client.of('error').at(-1);
  if (error !== undefined) expect(error.message).toMatch(/\w.*[.!]$/);
  return [error?.code, close];
}

describe('bad_request', () => {
  it.each([
    ['no JSON', 'hello'],
    ['an empty object', '{}'],
    ['an array', '[]'],
    ['null', 'null'],
    ['an unknown type', '{"type":"shout"}'],
    ['a type that is inherited', '{"type":"constructor"}'],
    ['a type that is no string', '{"type":{"toString":1}}'],
    ['a say without a text', '{"type":"say"}'],
    ['a text that is no string', '{"type":"say","text":7}'],
    ['half a character', '{"type":"say","text":"\\ud800"}'],
    ['a nick that is not allowed', '{"type":"nick","nick":"a b"}'],
    ['deep nesting', `{"type":"say","text":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
  ])('answers %s, and ends the connection', async (_, line) => {
    const { client } = await WireClient.join(server, freshRoom());
    client.sendRaw(line);
    expect(await ends(client)).toEqual(['bad_request', 4400]);
  });

  it('does not undo what came before it in the frame, and ends what comes after', async () => {
    const room = freshRoom();
    const { client } = await WireClient.join(server, room);
    client.sendRaw('{"type":"say","text":"before"}\nnonsense\n{"type":"say","text":"after"}\n');
    expect(await ends(client)).toEqual(['bad_request', 4400]);
    const { client: late } = await WireClient.join(server, room);
    expect(late.of('message').map(({ text }) => text)).not.toContain('after');
  });

  it('answers a join whose fields are of the wrong shape', async () => {
    for (const fields of [{ nick: 7 }, { password: 7 }, { epoch: 7 }, { resume: 'x' }, { resume: { id: 'x' } }]) {
      const client = await WireClient.open(server, freshRoom());
      client.send({ type: 'join', ...fields });
      expect(await ends(client)).toEqual(['bad_request', 4400]);
    }
  });
});

it('throttled: 4429 after three wrong passwords, on another connection too, and says for how long', async () => {
  const room = freshRoom();
  await WireClient.join(server, room, { password: 'right' });
  for (let i = 0; i < 3; i++) {
    const client = await WireClient.open(server, room);
    client.send({ type: 'join', password: `wrong ${i}` });
    expect(await ends(client)).toEqual(['password_wrong', 4401]);
  }
  const client = await WireClient.open(server, room);
  client.send({ type: 'join', password: 'wrong again' });
  expect(await ends(client)).toEqual(['throttled', 4429]);
  expect(client.of('error')[0]?.message).toMatch(/\d+ (second|minute)/);
  // An address and a room: other rooms are not affected.
  const other = freshRoom();
  await WireClient.join(server, other, { password: 'right' });
  await WireClient.join(server, other, { password: 'right' });
});

it('damaged: 4500 for the room whose log is damaged; the console says where; others are served', async () => {
  const first = await startServer();
  onTestFinished(async () => void (await first.stop()));
  const { client } = await WireClient.join(first, 'hurt');
  for (let i = 0; i < 5; i++) await client.say(`message ${i}`);
  const { client: well } = await WireClient.join(first, 'well');
  await well.say('fine');
  process.kill(first.pid, 'SIGTERM');
  await client.closed;
  await first.printed(/stopped/);
  for (const folder of await readdir(join(first.data, 'rooms'))) {
    const path = join(first.data, 'rooms', folder, 'log.ndjson');
    const log = await readFile(path, 'utf8');
    if (log.includes('message 2')) await writeFile(path, log.replace('message 2', 'mess\u0000ge 2'));
  }
  const second = await startServer({ data: first.data });
  onTestFinished(async () => void (await second.stop()));
  const reader = await WireClient.open(second, 'hurt');
  reader.send({ type: 'join' });
  expect(await ends(reader)).toEqual(['damaged', 4500]);
  expect(reader.of('live')).toEqual([]);
  const again = await WireClient.open(second, 'hurt');
  again.send({ type: 'join', last: 0 });
  expect(await ends(again)).toEqual(['damaged', 4500]);
  await second.printed(/hurt.*damaged.*\d/);
  const other = await WireClient.join(second, 'well');
  await other.client.say('still fine');
});

it('not_saved: the author is told by its ref and stays; nobody else hears of it', async () => {
  // A limit on the size of files stands in for a full disk. bash counts it in KiB.
  const limit = 'ulimit -f 64; exec "$@"';
  const full = await startServer({ command: ['bash', '-c', limit, 'bash', process.execPath, COMMAND, 'serve'] });
  onTestFinished(async () => void (await full.stop()));
  const { client: ann } = await WireClient.join(full, 'r', { nick: 'ann' });
  const { client: bob } = await WireClient.join(full, 'r', { nick: 'bob' });
  const text = 'x'.repeat(15_000);
  for (let i = 0; i < 4; i++) await ann.say(text, `fits${i}`);
  ann.send({ type: 'say', text, ref: 'over' });
  expect(await ann.next('error')).toMatchObject({ code: 'not_saved', ref: 'over' });
  // It goes on with what there is space for.
  await ann.say('small', 'small');
  await bob.said('small');
  expect(bob.of('message').map(({ ref }) => ref)).toEqual(['fits0', 'fits1', 'fits2', 'fits3', 'small']);
  const { client: late } = await WireClient.join(full, 'r');
  expect(late.of('message')).toEqual(bob.of('message'));
});

it('going_away: 1012 to everybody when the server stops, and it stops with 0', async () => {
  const stopping = await startServer();
  const { client: ann } = await WireClient.join(stopping, 'r');
  const { client: bob } = await WireClient.join(stopping, 'r', { as: 'speaker' });
  const silent = await WireClient.open(stopping, 'r');
  const code = stopping.stop();
  for (const client of [ann, bob, silent]) expect(await ends(client)).toEqual(['going_away', 1012]);
  expect(await code).toBe(0);
});

it('overloaded: 1013 where there is no room for another room now; the open ones go on', async () => {
  const small = await startServer({ args: ['--max-rooms', '1'] });
  onTestFinished(async () => void (await small.stop()));
  const { client } = await WireClient.join(small, 'one');
  const other = await WireClient.open(small, 'two');
  other.send({ type: 'join' });
  expect(await ends(other)).toEqual(['overloaded', 1013]);
  await client.say('goes on');
  await WireClient.join(small, 'one');
});

describe('what RFC 6455 says', () => {
  it('1003 for a binary frame', async () => {
    const { client } = await WireClient.join(server, freshRoom());
    client.sendRaw(Buffer.from('{"type":"who"}'));
    expect((await client.closed).code).toBe(1003);
    expect(client.of('members')).toEqual([]);
  });

  it('1007 for text that is not UTF-8', async () => {
    const { client } = await WireClient.join(server, freshRoom());
    client.socket.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false });
    expect((await client.closed).code).toBe(1007);
  });

  it('1009 for a message of more than 64 KiB, in one frame or in fragments; 64 KiB are taken', async () => {
    const room = freshRoom();
    const { client } = await WireClient.join(server, room, {}, { perMessageDeflate: false });
    const ping = JSON.stringify({ type: 'ping', pad: '' });
    const pad = 'p'.repeat(64 * 1024 - ping.length);
    client.send({ type: 'ping', pad: pad.slice(1) });
    await client.next('pong');
    client.sendRaw(JSON.stringify({ type: 'ping', pad }));
    await client.next('pong');
    client.sendRaw(JSON.stringify({ type: 'ping', pad: `${pad}p` }));
    expect((await client.closed).code).toBe(1009);
    const { client: other } = await WireClient.join(server, room, {}, { perMessageDeflate: false });
    other.socket.send('x'.repeat(40_000), { fin: false });
    other.socket.send('x'.repeat(40_000), { fin: true });
    expect((await other.closed).code).toBe(1009);
  });

  it('1009 for a small frame that inflates to more than 64 KiB', async () => {
    const { client } = await WireClient.join(server, freshRoom(), {}, { perMessageDeflate: { threshold: 0 } });
    expect(client.socket.extensions).toContain('permessage-deflate');
    client.send({ type: 'say', text: 'x'.repeat(4_000_000) });
    expect((await client.closed).code).toBe(1009);
  });

  it.each([
    ['an unmasked frame', [0x81, 0x01, 0x7b]],
    ['a reserved bit', [0xa1, 0x80, 0, 0, 0, 0]],
    ['a reserved opcode', [0x83, 0x80, 0, 0, 0, 0]],
    ['a fragmented ping', [0x09, 0x80, 0, 0, 0, 0]],
    ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0]],
    ['a close code that may not be sent', [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed]],
  ])('1002 for %s', async (_, bytes) => {
    const peer = await RawPeer.upgraded(server.port, `/rooms/${freshRoom()}`);
    peer.socket.write(Buffer.from(bytes));
    expect(await peer.closeCode()).toBe(1002);
  });

  it('answers a ping frame with a pong of the same payload, and a close with the same code', async () => {
    const { client } = await WireClient.join(server, freshRoom());
    const pong = new Promise<string>((resolve) => client.socket.once('pong', (data) => resolve(data.toString())));
    client.socket.ping('are you there');
    expect(await pong).toBe('are you there');
    client.socket.close(4999, 'bye');
    expect((await client.closed).code).toBe(4999);
  });
});

it('goes on after all that', async () => {
  const { client } = await WireClient.join(server, freshRoom());
  await client.say('alive');
  expect(server.output()).not.toContain('internal error');
});
