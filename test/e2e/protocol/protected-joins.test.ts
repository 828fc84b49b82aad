// Joins that demand a password of the room: into a protected room or not at all, and whoever is refused leaves no trace.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Joins, and expects to be refused as `unprotected` with nothing else said. */
async function refused(room: string, fields: object): Promise<void> {
  const client = await WireClient.open(server, room);
  client.send({ type: 'join', nick: 'careful', protected: true, ...fields });
  const { code, message } = await client.next('error');
  expect(code).toBe('unprotected');
  expect(message).toMatch(/\w.*\.$/);
  expect((await client.closed).code).toBe(4412);
  expect(client.types).toEqual(['error']);
}

it('into an open room are refused, with a password or without, and nobody hears of it', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  await refused(room, {});
  await refused(room, { password: 'superfluous' });
  await refused(room, { as: 'speaker' });
  await ann.say('still alone');
  expect(ann.of('joined')).toEqual([]);
  expect(server.output()).not.toContain('careful');
});

it('into a room that does not exist are refused, and make none', async () => {
  const room = freshRoom();
  await refused(room, {});
  expect(await readdir(join(server.data, 'rooms'))).not.toContain(room);
  const { welcome } = await WireClient.join(server, room);
  expect(welcome.created).toBe(true);
});

it('with a password make the room with it, and pass into it from then on', async () => {
  const room = freshRoom();
  const first = await WireClient.join(server, room, { protected: true, password: 'p' });
  expect(first.welcome).toMatchObject({ created: true, protected: true });
  const second = await WireClient.join(server, room, { protected: true, password: 'p' });
  expect(second.welcome).toMatchObject({ created: false, protected: true });
  const { id, key } = first.welcome;
  const resumed = await WireClient.join(server, room, { protected: true, resume: { id, key, attempt: 1 } });
  expect(resumed.welcome).toMatchObject({ id, protected: true });
  const without = await WireClient.open(server, room);
  without.send({ type: 'join', protected: true });
  expect((await without.next('error')).code).toBe('password_required');
});

it('that resume do not end the connection that the client still has, where they are refused', async () => {
  const room = freshRoom();
  const { client, welcome } = await WireClient.join(server, room, { nick: 'ann' });
  await refused(room, { resume: { id: welcome.id, key: welcome.key, attempt: 1 } });
  await client.say('still here');
});

it('are decided by the room as it is at the end, whoever else opens it meanwhile', async () => {
  const room = freshRoom();
  const [open, careful] = await Promise.all([WireClient.open(server, room), WireClient.open(server, room)]);
  // Its hash takes a while, in which the other makes the room; should it come first, the other is asked for the password.
  careful.send({ type: 'join', nick: 'careful', protected: true, password: 'p' });
  open.send({ type: 'join', nick: 'ann' });
  const [{ code }, other] = await Promise.race([
    Promise.all([careful.next('error'), open.next('welcome')]),
    Promise.all([open.next('error'), careful.next('welcome')]),
  ]);
  expect([code, other.protected]).toEqual(other.nick === 'ann' ? ['unprotected', false] : ['password_required', true]);
});

it('that demand nothing are as they were', async () => {
  const room = freshRoom();
  const { welcome } = await WireClient.join(server, room, { protected: false });
  expect(welcome).toMatchObject({ created: true, protected: false });
});
