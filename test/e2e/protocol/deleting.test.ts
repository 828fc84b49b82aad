// A room is deleted whatever is going on in it: members, speakers, the absent, those on their way, exports, other deletes.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ControlClient } from '../../support/control-client.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
let admin: ControlClient;
const newAdmin = async () => ControlClient.open(server, await server.adminToken());
beforeAll(async () => {
  server = await startServer();
  admin = await newAdmin();
});
afterAll(async () => {
  expect(server.output()).not.toContain('internal error');
  await server.stop();
});

const deleted = async (room: string, by = admin) => (await by.ask({ type: 'delete', room })).end;

it('members and speakers are told and go, the absent are awaited no more, and the room is another one then', async () => {
  const room = freshRoom();
  const ann = await WireClient.join(server, room, { nick: 'ann' });
  const bot = await WireClient.join(server, room, { nick: 'bot', as: 'speaker' });
  const away = await WireClient.join(server, room, { nick: 'away' });
  await ann.client.say('hello');
  await away.client.drop();
  await server.printed(new RegExp(`${away.welcome.id}, 1006`));
  expect(await deleted(room)).toMatchObject({ type: 'done' });
  for (const { client } of [ann, bot]) {
    expect((await client.next('error')).message).toContain('it was deleted');
    expect((await client.closed).code).toBe(4403);
  }
  expect(await deleted(room)).toMatchObject({ type: 'error', code: 'not_found' });
  expect(await readdir(join(server.data, 'rooms'))).not.toContain(room);
  const { id, key } = away.welcome;
  const again = await WireClient.join(server, room, { since: 1, resume: { id, key, attempt: 1 } });
  expect(again.welcome).toMatchObject({ created: true, seq: 0 });
  expect(again.welcome.id).not.toBe(id);
});

it('those on their way in are told to come back, also from behind a password', async () => {
  const room = freshRoom();
  await WireClient.join(server, room, { nick: 'ann', password: 'p' });
  const clients = await Promise.all(Array.from({ length: 8 }, () => WireClient.open(server, room)));
  // Two are hashed at a time: some are still on their way.
  for (const client of clients) client.send({ type: 'join', password: 'p' });
  expect(await deleted(room)).toMatchObject({ type: 'done' });
  const ends = await Promise.all(
    clients.map(async (client) => {
      const { code } = await client.closed;
      return [client.of('error').at(-1)?.code, code];
    }),
  );
  for (const end of ends) expect([['kicked', 4403].join(), ['going_away', 1012].join()]).toContain(end.join());
  expect(ends.map(([code]) => code)).toContain('going_away');
});

it('many that come meanwhile make it anew together, and one of them is told that it did', async () => {
  const room = freshRoom();
  for (let round = 0; round < 10; round++) {
    await WireClient.join(server, room, { nick: 'ann' });
    const clients = await Promise.all(Array.from({ length: 10 }, () => WireClient.open(server, room)));
    const gone = deleted(room);
    for (const client of clients) client.send({ type: 'join' });
    const joined = await Promise.all(
      clients.map((client) =>
        client.next('welcome').then(
          ({ created, epoch }) => ({ created, epoch }),
          () => undefined,
        ),
      ),
    );
    expect(await gone).toMatchObject({ type: 'done' });
    const fresh = joined.filter((one) => one !== undefined);
    // Who was told to come back has not been let into two rooms of the name.
    if (fresh.length > 0) expect(fresh.filter(({ created }) => created).length).toBeLessThanOrEqual(1);
    expect(new Set(fresh.map(({ epoch }) => epoch)).size).toBeLessThanOrEqual(2);
    await deleted(room);
    await Promise.all(clients.map((client) => client.closed));
  }
});

it('four deletes at once are each answered: done, or that there is no such room', async () => {
  const admins = await Promise.all([newAdmin(), newAdmin(), newAdmin(), newAdmin()]);
  for (let round = 0; round < 10; round++) {
    const room = freshRoom();
    await WireClient.join(server, room, { nick: 'ann' });
    const answers = await Promise.all(admins.map((one) => deleted(room, one)));
    expect(answers.filter(({ type }) => type === 'done').length).toBeGreaterThan(0);
    for (const { type, code } of answers) expect([type, code].join()).toMatch(/^(done,|error,not_found)$/);
  }
});

it('neither an export that nobody reads, nor a verify, nor a broadcast keeps it', async () => {
  const room = freshRoom();
  const { client } = await WireClient.join(server, room, { nick: 'ann' }, { perMessageDeflate: false });
  const text = 'x'.repeat(16_000);
  for (let i = 0; i < 100; i++) {
    client.send(...Array.from({ length: 3 }, () => ({ type: 'say', text })));
    await client.fence();
  }
  const stalled = await newAdmin();
  const exporting = stalled.ask({ type: 'export', room });
  await stalled.line(({ type }) => type === 'message');
  stalled.pause();
  const other = await newAdmin();
  const verifying = other.ask({ type: 'verify', room });
  const telling = (await newAdmin()).ask({ type: 'broadcast', room, text: 'the end' });
  expect(await deleted(room)).toMatchObject({ type: 'done' });
  stalled.resume();
  for (const { end } of await Promise.all([exporting, verifying, telling])) {
    expect([end.type, end.code].join()).toMatch(/^(done,|error,not_found)$/);
  }
  // Its file stays open: whoever began to read the log reads it to its end.
  expect((await exporting).end).toMatchObject({ type: 'done' });
});
