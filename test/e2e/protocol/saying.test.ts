// Saying: your own line is your receipt, the room has one order, and a text that is too long is refused by its ref.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it('gives the author its own line back, with its ref, once, like everybody else', async () => {
  const room = freshRoom();
  const { client: ann, welcome } = await WireClient.join(server, room, { nick: 'ann' });
  const { client: bob } = await WireClient.join(server, room, { nick: 'bob' });
  const began = Date.now();
  ann.send({ type: 'say', text: 'hi', ref: 'x1' });
  const line = await ann.said('hi');
  expect(line).toEqual({
    type: 'message',
    seq: expect.any(Number),
    at: expect.any(Number),
    id: welcome.id,
    nick: 'ann',
    text: 'hi',
    ref: 'x1',
  });
  expect(line.at).toBeGreaterThanOrEqual(began);
  expect(line.at).toBeLessThanOrEqual(Date.now());
  expect(await bob.said('hi')).toEqual(line);
  await ann.fence();
  expect(ann.of('message')).toHaveLength(1);
});

it('leaves out the ref where none was given', async () => {
  const { client } = await WireClient.join(server, freshRoom());
  expect(await client.say('plain')).not.toHaveProperty('ref');
});

it('takes a ref of 1 to 64 characters', async () => {
  const { client } = await WireClient.join(server, freshRoom());
  expect((await client.say('long', '💬'.repeat(64))).ref).toBe('💬'.repeat(64));
  expect((await client.say('short', 'r')).ref).toBe('r');
});

it.each([['', 'x'.repeat(65), 7, null, { a: 1 }]].flat().map((ref) => [ref]))('refuses the ref %j', async (ref) => {
  const { client } = await WireClient.join(server, freshRoom());
  client.send({ type: 'say', text: 'x', ref });
  expect((await client.next('error')).code).toBe('bad_request');
  expect((await client.closed).code).toBe(4400);
});

it('keeps the order within a frame, and the same order for every member', async () => {
  const room = freshRoom();
  const members = await Promise.all(['a', 'b', 'c'].map((nick) => WireClient.join(server, room, { nick })));
  for (let i = 0; i < 50; i++) {
    for (const { client, welcome } of members) {
      client.send(
        { type: 'say', text: `${welcome.nick}${2 * i}` },
        { type: 'say', text: `${welcome.nick}${2 * i + 1}` },
      );
    }
  }
  for (const { client } of members) await client.count('message', 300);
  const orders = members.map(({ client }) => client.of('message'));
  expect(orders[1]).toEqual(orders[0]);
  expect(orders[2]).toEqual(orders[0]);
  const seqs = orders[0]?.map(({ seq }) => seq) ?? [];
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  expect(new Set(seqs).size).toBe(300);
  for (const nick of ['a', 'b', 'c']) {
    const own = orders[0]?.filter((line) => line.nick === nick).map(({ text }) => text);
    expect(own).toEqual(Array.from({ length: 100 }, (_, i) => `${nick}${i}`));
  }
});

it('does not tell one room what is said in another', async () => {
  const { client: here } = await WireClient.join(server, freshRoom(), { nick: 'ann' });
  const { client: there } = await WireClient.join(server, freshRoom(), { nick: 'ann' });
  await here.say('only here');
  await there.fence();
  expect(there.types).toEqual(['welcome', 'live', 'pong']);
});

it('takes a text of 16 KiB of UTF-8, and refuses one byte more by its ref; the connection stays', async () => {
  const { client } = await WireClient.join(server, freshRoom());
  for (const full of ['x'.repeat(16 * 1024), 'é'.repeat(8 * 1024)]) {
    expect((await client.say(full, 'fits')).text).toBe(full);
    client.send({ type: 'say', text: `${full}x`, ref: 'over' });
    expect(await client.next('error')).toEqual({
      type: 'error',
      code: 'too_long',
      message: expect.stringMatching(/\d/),
      ref: 'over',
    });
  }
  client.send({ type: 'say', text: 'x'.repeat(16 * 1024 + 1) });
  expect(await client.next('error')).not.toHaveProperty('ref');
  await client.say('still here');
  expect(client.of('message')).toHaveLength(3);
});

it('takes a line of the log of 48 KiB, and refuses a longer one', async () => {
  const { client } = await WireClient.join(server, freshRoom(), { nick: 'n' });
  // A control character is six bytes in JSON.
  const short = await client.say('\u0001', 'r');
  const overhead = Buffer.byteLength(`${JSON.stringify(short)}\n`) - 6;
  // The sequence number may grow by a digit, and either side may count the newline: both are left open by the page.
  const most = Math.floor((48 * 1024 - overhead - 4) / 6);
  expect((await client.say('\u0001'.repeat(most), 'r')).text).toHaveLength(most);
  client.send({ type: 'say', text: '\u0001'.repeat(most + 2), ref: 'q' });
  expect(await client.next('error')).toMatchObject({ code: 'too_long', ref: 'q' });
  await client.fence();
});

it('has no message for what it refused', async () => {
  const room = freshRoom();
  const { client } = await WireClient.join(server, room);
  client.send({ type: 'say', text: 'x'.repeat(20_000), ref: 'no' }, { type: 'say', text: 'yes', ref: 'yes' });
  await client.said('yes');
  const { client: late } = await WireClient.join(server, room);
  expect(late.of('message').map(({ ref }) => ref)).toEqual(['yes']);
});

it('answers a ping with a pong, and nothing else', async () => {
  const { client } = await WireClient.join(server, freshRoom());
  client.send({ type: 'ping' });
  expect(await client.next('pong')).toEqual({ type: 'pong' });
});
