// A client whose connection is cut after its join and before it has its welcome: its claim makes it the same client again,
// once, and nothing else.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const CLAIM = 'a claim of 24 characters';
const OTHER = 'another of 24 characters';

/** Joins and never says that it did. */
const ghostOf = (room: string, fields: object = {}) =>
  WireClient.join(server, room, { nick: 'bob', claim: CLAIM, ...fields });

async function refusalOf(room: string, fields: object): Promise<string> {
  const client = await WireClient.open(server, room);
  client.send({ type: 'join', nick: 'bob', ...fields });
  return (await client.next('error')).code;
}

it('takes over from its own ghost, which the others do not notice', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const ghost = await ghostOf(room);
  const bob = await ghostOf(room);
  expect(bob.welcome).toMatchObject({ nick: 'bob', id: ghost.welcome.id, present: 2 });
  expect(await ghost.client.closed).toMatchObject({ code: 4410 });
  // Again and again, as long as no welcome arrives.
  const again = await ghostOf(room);
  expect(again.welcome.id).toBe(ghost.welcome.id);
  await again.client.say('here');
  await ann.said('here');
  expect(ann.types.filter((type) => type === 'joined' || type === 'left')).toEqual(['joined']);
});

it('also where the server has noticed that the ghost is gone', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const ghost = await ghostOf(room, { nick: undefined });
  await ghost.client.drop();
  for (let present = 2; present > 1; ) {
    ann.send({ type: 'who' });
    ({ present } = await ann.next('members'));
  }
  const bob = await ghostOf(room, { nick: undefined });
  expect(bob.welcome).toMatchObject({ id: ghost.welcome.id, nick: ghost.welcome.nick });
  await ann.fence();
  expect(ann.types.filter((type) => type === 'joined' || type === 'left')).toEqual(['joined']);
});

it('is worth nothing once the client has shown that it has its welcome', async () => {
  const room = freshRoom();
  const { client } = await ghostOf(room);
  await client.fence();
  expect(await refusalOf(room, { claim: CLAIM })).toBe('nick_taken');
  const pinged = freshRoom();
  const { client: silent } = await ghostOf(pinged);
  const before = await WireClient.join(server, pinged, { nick: 'ann' });
  silent.socket.pong();
  silent.socket.ping();
  await new Promise((resolve) => silent.socket.once('pong', resolve));
  expect(await refusalOf(pinged, { claim: CLAIM })).toBe('nick_taken');
  await before.client.fence();
});

it('is worth nothing to another claim, in another room, to a speaker, and after a farewell', async () => {
  const room = freshRoom();
  const { welcome, client } = await ghostOf(room);
  expect(await refusalOf(room, { claim: OTHER })).toBe('nick_taken');
  expect(await refusalOf(room, {})).toBe('nick_taken');
  expect(await refusalOf(room, { claim: CLAIM, as: 'speaker' })).toBe('nick_taken');
  expect((await ghostOf(freshRoom())).welcome.id).not.toBe(welcome.id);
  await client.leave();
  expect((await ghostOf(room)).welcome.id).not.toBe(welcome.id);
});

it('does not outlive a resume, and stands in for no password', async () => {
  const room = freshRoom();
  const { client, welcome } = await ghostOf(room, { password: 'secret' });
  expect(await refusalOf(room, { claim: CLAIM })).toBe('password_required');
  await client.drop();
  const { id, key } = welcome;
  const resumed = await WireClient.join(server, room, { nick: 'bob', resume: { id, key, attempt: 1 } });
  expect(resumed.welcome.id).toBe(id);
  expect(await refusalOf(room, { claim: CLAIM, password: 'secret' })).toBe('nick_taken');
});

it('does not take a nick that somebody else took meanwhile', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const ghost = await ghostOf(room);
  await ghost.client.drop();
  for (let present = 2; present > 1; ) {
    ann.send({ type: 'who' });
    ({ present } = await ann.next('members'));
  }
  await WireClient.join(server, room, { nick: 'bob' });
  expect(await refusalOf(room, { claim: CLAIM })).toBe('nick_taken');
});
