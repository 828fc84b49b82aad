// Those who only speak: not in the room, not announced, and hearing nothing but their own lines.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const SPEAKER = { as: 'speaker' };

it('is not in the room and not announced; its messages are heard', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const { client: bot, welcome } = await WireClient.join(server, room, { nick: 'bot', ...SPEAKER });
  expect(welcome).toMatchObject({ nick: 'bot', present: 1 });
  await bot.say('beep', 'b1');
  expect(await ann.said('beep')).toMatchObject({ id: welcome.id, nick: 'bot', ref: 'b1' });
  ann.send({ type: 'who' });
  expect(await ann.next('members')).toMatchObject({ present: 1, members: [{ nick: 'ann' }] });
  await bot.leave();
  await ann.fence();
  expect(ann.types.filter((type) => type === 'joined' || type === 'left')).toEqual([]);
});

it('hears nothing but its own lines, also where they stand between others of one turn', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const { client: bot, welcome } = await WireClient.join(server, room, { nick: 'bot', ...SPEAKER });
  const { client: other } = await WireClient.join(server, room, { nick: 'other', ...SPEAKER });
  for (let i = 0; i < 100; i++) {
    ann.send({ type: 'say', text: `ann ${i}` });
    other.send({ type: 'say', text: `other ${i}` });
    bot.send({ type: 'say', text: `bot ${i}` }, { type: 'say', text: `bot ${i}b` });
  }
  await ann.count('message', 400);
  ann.send({ type: 'nick', nick: 'anna' });
  await WireClient.join(server, room, { nick: 'cy' });
  await bot.count('message', 200);
  await bot.fence();
  expect(bot.of('message').every(({ id }) => id === welcome.id)).toBe(true);
  expect(bot.of('message')).toEqual(ann.of('message').filter(({ id }) => id === welcome.id));
  expect(new Set(bot.types)).toEqual(new Set(['welcome', 'live', 'message', 'pong']));
});

it('starts at the end of the log', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const { seq } = await ann.say('history');
  const { client, welcome, live } = await WireClient.join(server, room, { nick: 'bot', ...SPEAKER });
  expect(client.types).toEqual(['welcome', 'live']);
  expect(welcome).toMatchObject({ seq, after: seq });
  expect(live.seq).toBe(seq);
});

it('may not have a member’s nick; speakers may share one', async () => {
  const room = freshRoom();
  await WireClient.join(server, room, { nick: 'ann' });
  const client = await WireClient.open(server, room);
  client.send({ type: 'join', nick: 'ANN', ...SPEAKER });
  expect((await client.next('error')).code).toBe('nick_taken');
  expect((await client.join({ nick: 'bot', ...SPEAKER })).welcome.nick).toBe('bot');
  expect((await WireClient.join(server, room, { nick: 'bot', ...SPEAKER })).welcome.nick).toBe('bot');
});

it('resumes like everybody else, and finds its own lines alone in the replay', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const { client: bot, welcome } = await WireClient.join(server, room, { nick: 'bot', ...SPEAKER });
  const { seq } = await bot.say('one', 'r1');
  bot.send({ type: 'say', text: 'two', ref: 'r2' });
  await ann.said('two');
  await ann.say('not for the bot');
  await bot.drop();
  const { id, key, epoch } = welcome;
  const again = await WireClient.join(server, room, {
    nick: 'bot',
    since: seq,
    epoch,
    resume: { id, key, attempt: 1 },
    ...SPEAKER,
  });
  expect(again.welcome).toMatchObject({ id, after: seq });
  expect(again.client.of('message').map(({ ref }) => ref)).toEqual(['r2']);
  expect(again.live.seq).toBeGreaterThan(seq);
});

it('opens a room, and its password with it', async () => {
  const room = freshRoom();
  const { welcome } = await WireClient.join(server, room, { nick: 'bot', password: 'p', ...SPEAKER });
  expect(welcome).toMatchObject({ created: true, protected: true, present: 0 });
  const client = await WireClient.open(server, room);
  client.send({ type: 'join', ...SPEAKER });
  expect((await client.next('error')).code).toBe('password_required');
});

it('can only be a speaker or a member', async () => {
  const client = await WireClient.open(server, freshRoom());
  client.send({ type: 'join', as: 'listener' });
  expect((await client.next('error')).code).toBe('bad_request');
  expect((await client.closed).code).toBe(4400);
});
