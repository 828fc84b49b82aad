// The control path: who may use it, and every command with its answer and what it does to the rooms.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, ControlClient } from '../../support/control-client.ts';
import { request, upgradeRequest } from '../../support/raw-http.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
let admin: ControlClient;
beforeAll(async () => {
  server = await startServer();
  admin = await ControlClient.open(server, await server.adminToken());
});
afterAll(() => server.stop());

/** The entries of a list, whether they came in parts or at once. */
function entries({ end, parts }: Answer, field: string): Record<string, unknown>[] {
  return [...parts, end].flatMap((line) => {
    const list = line[field];
    return Array.isArray(list) ? list : [];
  });
}

describe('the token', () => {
  it('is asked for: 401 without it, or with another', async () => {
    const guarded = await startServer();
    onTestFinished(async () => void (await guarded.stop()));
    const token = await guarded.adminToken();
    const status = async (path: string, authorization?: string) => {
      const raw = upgradeRequest(guarded.port, path);
      if (authorization !== undefined) raw.headers.push(['Authorization', authorization]);
      return (await request(guarded.port, raw)).status;
    };
    expect(await status('/admin', `Bearer ${token}`)).toBe(101);
    expect(await status('/admin')).toBe(401);
    expect(await status(`/admin?token=${token}`)).toBe(401);
    expect(await status('/admin', `Basic ${token}`)).toBe(401);
    expect(await status('/admin', `Bearer ${token.slice(0, -1)}`)).toBe(401);
    expect(await status('/admin', `Bearer ${token}x`)).toBe(401);
    expect(guarded.output()).not.toContain(token);
  });
});

describe('broadcast', () => {
  it('is a notice to the room, in the log; done carries its seq', async () => {
    const room = freshRoom();
    const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
    const { seq } = await ann.say('before');
    const { end } = await admin.ask({ type: 'broadcast', room, text: 'restarting' });
    const notice = await ann.next('notice');
    expect(notice).toEqual({ type: 'notice', seq: expect.any(Number), at: expect.any(Number), text: 'restarting' });
    expect(notice.seq).toBeGreaterThan(seq);
    expect(end).toMatchObject({ type: 'done', seq: notice.seq });
    const { client: late } = await WireClient.join(server, room);
    expect(late.of('notice')).toEqual([notice]);
    await server.printed(/restarting/);
  });

  it('reaches a room that nobody is in', async () => {
    const room = freshRoom();
    const { client } = await WireClient.join(server, room);
    await client.leave();
    expect((await admin.ask({ type: 'broadcast', room, text: 'anybody?' })).end.type).toBe('done');
    const { client: late } = await WireClient.join(server, room);
    expect(late.of('notice').map(({ text }) => text)).toEqual(['anybody?']);
  });

  it('to "*" reaches every open room', async () => {
    const rooms = [freshRoom(), freshRoom(), freshRoom()];
    const clients = await Promise.all(rooms.map((room) => WireClient.join(server, room)));
    expect((await admin.ask({ type: 'broadcast', room: '*', text: 'to all' })).end.type).toBe('done');
    for (const { client } of clients) expect((await client.next('notice')).text).toBe('to all');
  });

  it('is refused for a room that does not exist, and for a text that is too long', async () => {
    expect((await admin.ask({ type: 'broadcast', room: 'never-made', text: 'x' })).end.type).toBe('error');
    const room = freshRoom();
    const { client } = await WireClient.join(server, room);
    const { end } = await admin.ask({ type: 'broadcast', room, text: 'x'.repeat(16 * 1024 + 1) });
    expect(end).toMatchObject({ type: 'error', code: 'too_long' });
    await client.fence();
    expect(client.of('notice')).toEqual([]);
  });
});

describe('dm', () => {
  it('is a direct line to that client alone, by its whole id or the beginning of it; not in the log', async () => {
    const room = freshRoom();
    const { client: ann, welcome } = await WireClient.join(server, room, { nick: 'ann' });
    const { client: bob } = await WireClient.join(server, room, { nick: 'bob' });
    for (const id of [welcome.id, welcome.id.slice(0, 12)]) {
      const { end } = await admin.ask({ type: 'dm', id, text: 'psst' });
      expect(end.type).toBe('done');
      expect(await ann.next('direct')).toEqual({ type: 'direct', at: expect.any(Number), text: 'psst' });
    }
    await bob.fence();
    expect(bob.of('direct')).toEqual([]);
    const { client: late } = await WireClient.join(server, room, { nick: 'late' });
    expect(late.types).toEqual(['welcome', 'live']);
  });

  it('is refused where two clients’ ids begin so, or none does', async () => {
    await WireClient.join(server, freshRoom());
    await WireClient.join(server, freshRoom());
    expect((await admin.ask({ type: 'dm', id: '', text: 'x' })).end).toMatchObject({ type: 'error' });
    // Some two of 40 ids begin alike.
    const room = freshRoom();
    const ids = [];
    for (let i = 0; i < 40; i++) ids.push((await WireClient.join(server, room)).welcome.id);
    const letters = ids.map((id) => id.slice(0, 1));
    const shared = letters.find((letter, index) => letters.indexOf(letter) !== index) ?? '';
    const ambiguous = await admin.ask({ type: 'dm', id: shared, text: 'x' });
    expect(ambiguous.end).toMatchObject({ type: 'error', code: 'ambiguous' });
    const missing = await admin.ask({ type: 'dm', id: '!nobody', text: 'x' });
    expect(missing.end).toMatchObject({ type: 'error', code: 'not_found' });
  });

  it('is busy where the client’s output is over its limit', async () => {
    const room = freshRoom();
    const { client: slow, welcome } = await WireClient.join(
      server,
      room,
      { nick: 'slow' },
      { perMessageDeflate: false },
    );
    const { client: author } = await WireClient.join(server, room, { nick: 'ann' });
    slow.socket.pause();
    let answer: Answer;
    do {
      const text = 'x'.repeat(16_000);
      author.send(...Array.from({ length: 3 }, () => ({ type: 'say', text })));
      author.send({ type: 'ping' });
      await author.next('pong');
      answer = await admin.ask({ type: 'dm', id: welcome.id, text: 'there?' });
    } while (answer.end.type === 'done');
    expect(answer.end).toMatchObject({ type: 'error', code: 'busy' });
    slow.socket.resume();
  });
});

it('rooms: name, present, seq, bytes, password or not, of every room, those on disk too', async () => {
  const open = freshRoom();
  const left = freshRoom();
  const { client } = await WireClient.join(server, open, { nick: 'ann' });
  const { seq } = await client.say('hello');
  const { client: gone } = await WireClient.join(server, left, { password: 'p' });
  await gone.leave();
  const bytes = Buffer.byteLength(client.raw.find((_, index) => client.lines[index]?.type === 'message') ?? '');
  const rooms = entries(await admin.ask({ type: 'rooms' }), 'rooms');
  expect(rooms.find(({ name }) => name === open)).toMatchObject({ present: 1, seq, bytes, protected: false });
  expect(rooms.find(({ name }) => name === left)).toMatchObject({ present: 0, seq: 0, bytes: 0, protected: true });
  expect(new Set(rooms.map(({ name }) => name)).size).toBe(rooms.length);
});

it('clients: id, nick, room, address, since when, live or reading, bytes waiting; of one room or all', async () => {
  const room = freshRoom();
  const began = Date.now();
  const { welcome: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const { welcome: elsewhere } = await WireClient.join(server, freshRoom(), { nick: 'els' });
  const of = entries(await admin.ask({ type: 'clients', room }), 'clients');
  expect(of).toHaveLength(1);
  expect(of[0]).toMatchObject({ id: ann.id, nick: 'ann', room, state: 'live', waiting: expect.any(Number) });
  expect(of[0]?.address).toMatch(/127\.0\.0\.1/);
  const since = Number(of[0]?.since);
  expect(since).toBeGreaterThanOrEqual(began);
  expect(since).toBeLessThanOrEqual(Date.now());
  const ids = entries(await admin.ask({ type: 'clients' }), 'clients').map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining([ann.id, elsewhere.id]));
});

it('a long list comes in parts before done', async () => {
  const room = freshRoom();
  for (let i = 0; i < 12; i++) {
    await Promise.all(Array.from({ length: 50 }, () => WireClient.join(server, room, { last: 0 })));
  }
  const answer = await admin.ask({ type: 'clients', room });
  expect(answer.parts.length).toBeGreaterThan(0);
  expect(answer.end.type).toBe('done');
  expect(new Set(entries(answer, 'clients').map(({ id }) => id)).size).toBe(600);
});

it('kick: the client is told why and ended with 4403; the room hears that it left', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const { client: bob, welcome } = await WireClient.join(server, room, { nick: 'bob' });
  expect((await admin.ask({ type: 'kick', id: welcome.id, reason: 'too loud' })).end.type).toBe('done');
  const { code, message } = await bob.next('error');
  expect(code).toBe('kicked');
  expect(message).toContain('too loud');
  expect((await bob.closed).code).toBe(4403);
  expect((await ann.next('left')).id).toBe(welcome.id);
  expect((await admin.ask({ type: 'kick', id: welcome.id })).end).toMatchObject({ code: 'not_found' });
});

it('watch: then every console event as a line, until the connection closes', async () => {
  const watcher = await ControlClient.open(server, await server.adminToken());
  expect((await watcher.ask({ type: 'watch' })).end.type).toBe('done');
  const room = freshRoom();
  const { client, welcome } = await WireClient.join(server, room, { nick: 'ann' });
  await client.say('watched');
  await admin.ask({ type: 'broadcast', room, text: 'noticed' });
  client.send({ type: 'nick', nick: 'anna' });
  await client.leave();
  const bot = await WireClient.join(server, room, { nick: 'bot', as: 'speaker' });
  for (const wanted of [
    { event: 'joined', nick: 'ann', id: welcome.id },
    { event: 'message', text: 'watched' },
    { event: 'notice', text: 'noticed' },
    { event: 'left', id: welcome.id },
    { event: 'joined', id: bot.welcome.id },
  ]) {
    await watcher.line((line) => Object.entries(wanted).every(([field, value]) => line[field] === value));
  }
  watcher.close();
  await watcher.closed;
});

it('a command that is not one is answered by an error with its ref, and the connection stays', async () => {
  expect((await admin.ask({ type: 'dance' })).end).toMatchObject({ type: 'error', code: 'bad_request' });
  expect((await admin.ask({ type: 'broadcast', room: 'a/b', text: 'x' })).end).toMatchObject({ code: 'bad_request' });
  const other = await ControlClient.open(server, await server.adminToken());
  other.sendRaw('nonsense');
  await other.line(({ type }) => type === 'error');
  expect((await other.ask({ type: 'rooms' })).end.type).toBe('done');
});
