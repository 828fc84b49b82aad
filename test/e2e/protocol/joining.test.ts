// What a join asks for and what it is told: every field of `join` and of `welcome`, and the order of the first lines.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Joins, and tells with which error and close code that is refused. */
async function refused(room: string, join: object): Promise<{ code: string; close: number; message: string }> {
  const client = await WireClient.open(server, room);
  client.send({ type: 'join', ...join });
  const { code, message } = await client.next('error');
  const { code: close } = await client.closed;
  expect(client.types, 'nothing but the error').toEqual(['error']);
  return { code, close, message };
}

describe('welcome', () => {
  it('is the first line, has exactly the documented fields, and opens a new room', async () => {
    const room = freshRoom();
    const { client, welcome, live } = await WireClient.join(server, room, { nick: 'bob' });
    expect(client.types).toEqual(['welcome', 'live']);
    expect(welcome).toEqual({
      type: 'welcome',
      protocol: 1,
      id: expect.stringMatching(/^\S{16,}$/),
      nick: 'bob',
      room,
      epoch: expect.stringMatching(/^\S+$/),
      seq: 0,
      after: 0,
      present: 1,
      created: true,
      protected: false,
      key: expect.stringMatching(/^\S{20,}$/),
      owner: expect.stringMatching(/^\S{20,}$/),
    });
    expect(live).toEqual({ type: 'live', seq: 0 });
  });

  it('tells the end of the log and who is present, and that the room was there', async () => {
    const room = freshRoom();
    const { client, welcome: first } = await WireClient.join(server, room, { nick: 'ann' });
    const { seq } = await client.say('one');
    const { welcome, live } = await WireClient.join(server, room, { nick: 'bob' });
    expect(welcome).toMatchObject({ seq, after: 0, present: 2, created: false, epoch: first.epoch });
    expect(live).toEqual({ type: 'live', seq });
  });

  it('gives every client an id and a key of its own', async () => {
    const room = freshRoom();
    const joined = [];
    for (let i = 0; i < 5; i++) joined.push(await WireClient.join(server, room, {}));
    await joined[0]?.client.leave();
    joined.push(await WireClient.join(server, room, {}));
    expect(new Set(joined.map(({ welcome }) => welcome.id)).size).toBe(6);
    expect(new Set(joined.map(({ welcome }) => welcome.key)).size).toBe(6);
    // Without a nick the server gives one, and never the same twice in a room.
    const nicks = joined.slice(1).map(({ welcome }) => welcome.nick);
    expect(new Set(nicks).size).toBe(5);
    for (const nick of nicks) expect(nick).toMatch(/^[\p{L}\p{Nd}._-]{1,32}$/u);
  });

  it('gives each room an epoch of its own', async () => {
    const one = await WireClient.join(server, freshRoom());
    const other = await WireClient.join(server, freshRoom());
    expect(one.welcome.epoch).not.toBe(other.welcome.epoch);
  });
});

describe('how much is replayed', () => {
  const room = freshRoom();
  const seqs: number[] = [];
  let epoch: string;
  beforeAll(async () => {
    const { client, welcome } = await WireClient.join(server, room, { nick: 'ann' });
    epoch = welcome.epoch;
    for (let i = 0; i < 5; i++) seqs.push((await client.say(`m${i}`)).seq);
  });

  async function replayed(fields: object): Promise<{ texts: string[]; after: number; errors: string[] }> {
    const { client, welcome } = await WireClient.join(server, room, fields);
    const texts = client.of('message').map(({ text }) => text);
    const errors = client.of('error').map(({ code }) => code);
    await client.leave();
    return { texts, after: welcome.after, errors };
  }

  it('is everything without since and last', async () => {
    expect(await replayed({})).toEqual({ texts: ['m0', 'm1', 'm2', 'm3', 'm4'], after: 0, errors: [] });
  });

  it('is what comes after since', async () => {
    expect(await replayed({ since: seqs[2] })).toEqual({ texts: ['m3', 'm4'], after: seqs[2], errors: [] });
    expect((await replayed({ since: 0 })).texts).toHaveLength(5);
    expect(await replayed({ since: seqs[4], epoch })).toEqual({ texts: [], after: seqs[4], errors: [] });
  });

  it('is the last N, none for 0, and all where there are fewer', async () => {
    expect(await replayed({ last: 2 })).toEqual({ texts: ['m3', 'm4'], after: seqs[2], errors: [] });
    expect(await replayed({ last: 0 })).toEqual({ texts: [], after: seqs[4], errors: [] });
    expect((await replayed({ last: 5_000 })).texts).toHaveLength(5);
  });

  it('starts from the beginning where the epoch is another, and says so', async () => {
    expect(await replayed({ since: seqs[2], epoch: 'elsewhere' })).toEqual({
      texts: ['m0', 'm1', 'm2', 'm3', 'm4'],
      after: 0,
      errors: ['epoch_changed'],
    });
  });

  it('answers a since beyond the end as it does another epoch', async () => {
    const { texts, errors } = await replayed({ since: (seqs[4] ?? 0) + 1, epoch });
    expect(texts).toHaveLength(5);
    expect(errors).toEqual(['epoch_changed']);
  });

  it('says epoch_changed right before welcome, and the replay follows', async () => {
    const { client } = await WireClient.join(server, room, { since: 3, epoch: 'elsewhere' });
    expect(client.types.slice(0, 3)).toEqual(['error', 'welcome', 'message']);
    expect(client.of('error')[0]).toEqual({ type: 'error', code: 'epoch_changed', message: expect.any(String) });
  });

  it('takes at most one of since and last', async () => {
    expect(await refused(room, { since: 1, last: 1 })).toMatchObject({ code: 'bad_request', close: 4400 });
  });

  it.each([
    ['since', -1],
    ['since', 1.5],
    ['since', '1'],
    ['last', -1],
    ['last', 1e30],
  ])('refuses %s %s', async (field, value) => {
    expect(await refused(room, { [field]: value })).toMatchObject({ code: 'bad_request', close: 4400 });
  });
});

describe('a password', () => {
  it('given by the client that opens a room becomes the room’s', async () => {
    const room = freshRoom();
    const { welcome } = await WireClient.join(server, room, { password: 'open sesame' });
    expect(welcome).toMatchObject({ created: true, protected: true });
    expect(await refused(room, {})).toMatchObject({ code: 'password_required', close: 4401 });
    expect(await refused(room, { password: 'wrong' })).toMatchObject({ code: 'password_wrong', close: 4401 });
    const right = await WireClient.join(server, room, { password: 'open sesame' });
    expect(right.welcome).toMatchObject({ created: false, protected: true });
  });

  it('is superfluous in an open room, and welcome says that it is open', async () => {
    const room = freshRoom();
    await WireClient.join(server, room);
    const { welcome } = await WireClient.join(server, room, { password: 'whatever' });
    expect(welcome.protected).toBe(false);
    await WireClient.join(server, room);
  });

  it('has 1 to 128 bytes', async () => {
    expect(await refused(freshRoom(), { password: '' })).toMatchObject({ code: 'bad_request', close: 4400 });
    expect(await refused(freshRoom(), { password: 'x'.repeat(129) })).toMatchObject({ code: 'bad_request' });
    expect(await refused(freshRoom(), { password: 'é'.repeat(65) })).toMatchObject({ code: 'bad_request' });
    const room = freshRoom();
    await WireClient.join(server, room, { password: 'é'.repeat(64) });
    await WireClient.join(server, room, { password: 'é'.repeat(64) });
  });

  it('is asked of everybody who comes at once to a room that is just being opened', async () => {
    const room = freshRoom();
    const clients = await Promise.all([1, 2, 3].map(() => WireClient.open(server, room)));
    const [opener, ...others] = clients;
    opener?.send({ type: 'join', password: 'p' });
    for (const other of others) other.send({ type: 'join', nick: 'x' });
    const outcomes = await Promise.all(
      clients.map((client) =>
        Promise.race([client.next('welcome'), client.closed.then(({ code }) => code)]).catch(() => 4401),
      ),
    );
    const welcomed = outcomes.filter((outcome) => typeof outcome === 'object');
    // Whoever opened it, all agree on whether the room has a password.
    expect(new Set(welcomed.map((welcome) => welcome.protected)).size).toBe(1);
    expect(welcomed.filter((welcome) => welcome.created)).toHaveLength(1);
  });
});

describe('at the wrong time', () => {
  it('anything before the join is refused', async () => {
    for (const command of [{ type: 'say', text: 'x' }, { type: 'who' }, { type: 'nick', nick: 'x' }]) {
      const client = await WireClient.open(server, freshRoom());
      client.send(command);
      expect((await client.next('error')).code).toBe('bad_request');
      expect((await client.closed).code).toBe(4400);
    }
  });

  it('a second join is refused', async () => {
    const { client } = await WireClient.join(server, freshRoom());
    client.send({ type: 'join', nick: 'again' });
    expect((await client.next('error')).code).toBe('bad_request');
    expect((await client.closed).code).toBe(4400);
  });
});
