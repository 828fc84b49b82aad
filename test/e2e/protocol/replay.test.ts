// A room is its log: what is sent live, replayed and kept in the file are the same bytes, in one order, each once.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function logOf(data: string, room: string): Promise<string> {
  for (const folder of await readdir(join(data, 'rooms'))) {
    const meta: { name: string } = JSON.parse(await readFile(join(data, 'rooms', folder, 'room.json'), 'utf8'));
    if (meta.name === room) return readFile(join(data, 'rooms', folder, 'log.ndjson'), 'utf8');
  }
  throw new Error(`the data directory has no room ${room}`);
}

function logLines(client: WireClient): string {
  return client.raw.filter((_, index) => ['message', 'notice'].includes(client.lines[index]?.type ?? '')).join('');
}

it('sends live, replays and stores the same bytes', async () => {
  const room = freshRoom();
  const { client: author } = await WireClient.join(server, room, { nick: 'ann' });
  const { client: listener } = await WireClient.join(server, room, { nick: 'lis' });
  const texts = ['plain', 'two\nlines\r\n', 'sep\u2028arate', '"quotes" \\ and \u0000 \u001b[2J', '💬 é é', ''];
  for (const [index, text] of texts.entries()) await author.say(text, `r${index}`);
  await listener.count('message', texts.length);
  const { client: late } = await WireClient.join(server, room, { nick: 'late' });
  const log = await logOf(server.data, room);
  expect(logLines(author)).toBe(log);
  expect(logLines(listener)).toBe(log);
  expect(logLines(late)).toBe(log);
  expect(late.of('message').map(({ text }) => text)).toEqual(texts);
  expect(log.split('\n')).toHaveLength(texts.length + 1);
});

it('sends frames of at most 64 KiB, each of whole lines that end with a newline', async () => {
  const room = freshRoom();
  const { client: author } = await WireClient.join(server, room, { nick: 'ann' });
  const { client: listener } = await WireClient.join(server, room, { nick: 'lis' });
  // Lines of 7,000 bytes do not divide 64 KiB; they come in frames of several, so that batches grow beyond it.
  for (let i = 0; i < 30; i++) {
    author.send(...Array.from({ length: 8 }, (_, k) => ({ type: 'say', text: `${i}.${k}.`.padEnd(7_000, 'x') })));
  }
  await Promise.all([author.count('message', 240), listener.count('message', 240)]);
  const { client: late } = await WireClient.join(server, room);
  for (const client of [author, listener, late]) {
    expect(Math.max(...client.frames.map((frame) => Buffer.byteLength(frame)))).toBeLessThanOrEqual(64 * 1024);
    expect(client.frames.every((frame) => frame.endsWith('\n'))).toBe(true);
    expect(logLines(client)).toBe(await logOf(server.data, room));
  }
  expect(late.frames.length, 'a replay fills its frames').toBeLessThan(60);
});

it('replays to whoever joins in the middle of a busy room: no gap, nothing twice, live once', async () => {
  const room = freshRoom();
  const senders = await Promise.all([1, 2, 3].map((n) => WireClient.join(server, room, { nick: `s${n}` })));
  const each = 700;
  const text = 'y'.repeat(300);
  const said = senders.map(async ({ client }) => {
    for (let i = 0; i < each; i += 10) {
      client.send(...Array.from({ length: 10 }, (_, k) => ({ type: 'say', text: `${text}${i + k}` })));
      await client.count('message', Math.max(0, i - 100));
    }
    await client.count('message', each * senders.length);
  });
  const joiners = [];
  for (let i = 0; i < 5; i++) joiners.push(await WireClient.join(server, room, { nick: `j${i}` }));
  await Promise.all(said);
  const log = await logOf(server.data, room);
  for (const { client, welcome, live } of joiners) {
    await client.count('message', each * senders.length);
    expect(logLines(client)).toBe(log);
    expect(client.of('live')).toHaveLength(1);
    // All that the room had accepted when the join came lies before live; the next line after live continues it.
    const at = client.types.indexOf('live');
    const before = client.lines.slice(0, at).filter((line) => line.type === 'message');
    expect(before.at(-1)?.seq ?? 0).toBe(live.seq);
    expect(live.seq).toBeGreaterThanOrEqual(welcome.seq);
  }
});

it('serves a member that fell behind from the log again: it notices nothing but delay', async () => {
  const room = freshRoom();
  const { client: slow } = await WireClient.join(server, room, { nick: 'slow' }, { perMessageDeflate: false });
  const { client: author } = await WireClient.join(server, room, { nick: 'ann' });
  slow.socket.pause();
  const text = 'z'.repeat(15_000);
  const messages = 800;
  for (let i = 0; i < messages; i++) author.send({ type: 'say', text: `${i} ${text}` });
  await author.count('message', messages);
  slow.socket.resume();
  await slow.count('message', messages);
  expect(logLines(slow)).toBe(logLines(author));
  expect(slow.of('live')).toHaveLength(1);
  expect(slow.of('error')).toEqual([]);
  // And it stands at the end again.
  await author.say('after');
  await slow.said('after');
});

it('keeps history, sequence and epoch over a restart', async () => {
  const first = await startServer();
  onTestFinished(() => void first.stop('SIGKILL'));
  const { client, welcome } = await WireClient.join(first, 'kept', { nick: 'ann' });
  await client.say('one');
  const { seq } = await client.say('two');
  const data = first.data;
  const before = await logOf(data, 'kept');
  // Killed, not stopped: the folder stays where it is.
  process.kill(first.pid, 'SIGKILL');
  await client.closed;
  const second = await startServer({ data });
  onTestFinished(async () => void (await second.stop()));
  const again = await WireClient.join(second, 'kept', { nick: 'bob' });
  expect(again.welcome).toMatchObject({ epoch: welcome.epoch, seq, created: false });
  expect(logLines(again.client)).toBe(before);
  expect((await again.client.say('three')).seq).toBeGreaterThan(seq);
});
