// What an owner of a room may do, and what it means for the others, by a clock that the test moves: real sockets, a real
// data directory, and addresses as a proxy tells them.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BentClock } from '../../support/bent-clock.ts';
import { type LocalServer, startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

let clock: BentClock;
let server: LocalServer;
let data: string;
let rooms = 0;

const start = () => startLocalServer({ clock, data, trustProxy: true });
const newRoom = () => `owned-${++rooms}`;
const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
const OWNERS = '198.51.100.1';

beforeAll(async () => {
  clock = new BentClock();
  data = await mkdtemp(join(tmpdir(), 'roomchat-owners-'));
  server = await start();
});
afterAll(async () => {
  await server.stop();
  await rm(data, { recursive: true, force: true });
});

const comes = (room: string, nick: string, address = '203.0.113.1', fields: object = {}) =>
  WireClient.join(server, room, { nick, ...fields }, from(address));

/** A room of ann's in which bob is, from another address. */
async function owned(password?: string) {
  const room = newRoom();
  const ann = await comes(room, 'ann', OWNERS, password === undefined ? {} : { password });
  const bob = await comes(room, 'bob', '203.0.113.1', password === undefined ? {} : { password });
  return {
    room,
    ann: ann.client,
    bob: bob.client,
    key: ann.welcome.owner ?? '',
    annsWelcome: ann.welcome,
    bobsWelcome: bob.welcome,
  };
}

/** Asks for something and is answered. */
async function does(client: WireClient, command: object) {
  client.send(command);
  return client.next('done');
}

async function refusal(client: WireClient, command: object) {
  client.send(command);
  const { code, message, ref } = await client.next('error');
  return { code, message, ref };
}

describe('the key of the owners', () => {
  it('comes to whoever makes the room, and makes an owner of whoever gives it', async () => {
    const { room, bob, key, bobsWelcome } = await owned();
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(bobsWelcome.owner).toBeUndefined();
    const no = await refusal(bob, { type: 'set', topic: 'mine' });
    expect(no).toMatchObject({ code: 'not_owner' });
    expect((await comes(room, 'cat', OWNERS, { owner: `${key.slice(1)}A` })).welcome.owner).toBeUndefined();
    expect((await comes(newRoom(), 'cat', OWNERS, { owner: key })).welcome.owner).not.toBe(key);
    const cat = await comes(room, 'cathy', '203.0.113.9', { owner: key });
    expect(cat.welcome.owner).toBe(key);
    cat.client.send({ type: 'set', topic: 'ours' });
    expect(await bob.next('settings')).toMatchObject({ topic: 'ours' });
  });

  it('comes again to whoever made the room and lost the welcome on the way', async () => {
    const room = newRoom();
    const claim = 'c'.repeat(16);
    const first = await WireClient.open(server, room, from(OWNERS));
    first.send({ type: 'join', nick: 'ann', claim });
    const { owner } = await first.next('welcome');
    await first.drop();
    const again = await comes(room, 'ann', OWNERS, { claim });
    expect(again.welcome).toMatchObject({ created: false, owner });
  });

  it('is another one for a room that was deleted and made again, and after a change', async () => {
    const { room, ann, key } = await owned();
    const held = await server.chat.rooms.hold(room);
    await held?.log.access.changeRules((rules) => ({ ...rules, owners: 1 }));
    expect(await refusal(ann, { type: 'set', topic: 'still mine' })).toMatchObject({ code: 'not_owner' });
    expect((await comes(room, 'cat', OWNERS, { owner: key })).welcome.owner).toBeUndefined();
    if (held !== undefined) server.chat.rooms.release(held);
    await server.chat.rooms.remove(room, () => {});
    const anew = await comes(room, 'dan', '203.0.113.2', { owner: key });
    expect(anew.welcome).toMatchObject({ created: true });
    expect(anew.welcome.owner).not.toBe(key);
  });
});

describe('an owner', () => {
  it('removes somebody, who does not come back as the same client', async () => {
    const { room, ann, bob, bobsWelcome } = await owned();
    expect(await does(ann, { type: 'kick', nick: 'BOB', reason: 'spam' })).toEqual({
      type: 'done',
      command: 'kick',
      id: bobsWelcome.id,
      nick: 'bob',
    });
    expect(await bob.next('error')).toMatchObject({ code: 'kicked', message: 'You were removed from the room: spam' });
    expect(await bob.closed).toMatchObject({ code: 4403 });
    const back = await WireClient.open(server, room, from('203.0.113.1'));
    const { id, key } = bobsWelcome;
    expect(await refusal(back, { type: 'join', resume: { id, key, attempt: 1 } })).toMatchObject({ code: 'kicked' });
    expect(await refusal(ann, { type: 'kick', id })).toMatchObject({ code: 'failed' });
    expect(await refusal(ann, { type: 'kick', nick: 'nobody' })).toMatchObject({
      code: 'failed',
      message: 'Nobody here is called nobody.',
    });
    expect(await refusal(ann, { type: 'kick', nick: 'ann' })).toMatchObject({ message: 'That is you.' });
    const command = { event: 'owner', room, nick: 'ann', command: 'kick' };
    expect(server.events).toContainEqual(expect.objectContaining({ ...command, target: 'BOB' }));
    expect(server.events).toContainEqual(expect.objectContaining({ ...command, target: 'nobody', error: 'failed' }));
  });

  it('bans an address from the room alone, and lifts it by the nick', async () => {
    const { room, ann, bob } = await owned();
    const neighbour = await comes(room, 'cat', OWNERS);
    expect(await does(ann, { type: 'ban', nick: 'bob', for: 60 })).toMatchObject({ nick: 'bob', for: 60 });
    expect(await bob.closed).toMatchObject({ code: 4403 });
    const again = await WireClient.open(server, room, from('203.0.113.1'));
    expect(await refusal(again, { type: 'join' })).toMatchObject({ code: 'banned' });
    // Elsewhere it may be.
    await comes(newRoom(), 'bob');
    // Nobody shuts out themselves, nor learns where anybody comes from.
    const own = await refusal(ann, { type: 'ban', nick: 'cat' });
    expect(own).toMatchObject({ code: 'failed', message: expect.stringContaining('from your own address') });
    await neighbour.client.fence();
    expect(await refusal(ann, { type: 'unban', nick: 'eve' })).toMatchObject({
      message: 'eve is not banned from this room. These are: bob.',
    });
    await does(ann, { type: 'unban', nick: 'Bob' });
    await comes(room, 'bob');
    expect(ann.raw.join('')).not.toContain('203.0.113');
  });

  it('mutes somebody by id and address, for a while', async () => {
    const { room, ann, bob } = await owned();
    expect(await does(ann, { type: 'mute', nick: 'bob', for: 600 })).toMatchObject({ nick: 'bob', for: 600 });
    expect(await bob.next('direct')).toMatchObject({ text: 'You are muted in this room for 10 minutes.' });
    expect(await refusal(bob, { type: 'say', text: 'hi', ref: 'r' })).toEqual({
      code: 'muted',
      message: 'You are muted in this room: you can write again in 10 minutes.',
      ref: 'r',
    });
    const { client: other } = await comes(room, 'bobby', '203.0.113.1');
    expect(await refusal(other, { type: 'say', text: 'hi' })).toMatchObject({ code: 'muted' });
    const { client: cat } = await comes(room, 'cat', '203.0.113.2');
    await cat.say('I may');
    // A new owner's word for the same client takes the place of the one before.
    await does(ann, { type: 'mute', nick: 'bob', for: 90 });
    clock.jump(30_000);
    expect((await refusal(bob, { type: 'say', text: 'hi' })).message).toContain('in 1 minute.');
    clock.jump(60_000);
    await bob.say('free');
    await does(ann, { type: 'mute', nick: 'bob', for: 600 });
    await does(ann, { type: 'unmute', nick: 'bob' });
    await bob.say('free again');
    expect(await refusal(ann, { type: 'unmute', nick: 'bob' })).toMatchObject({
      message: 'bob is not muted. Nobody is.',
    });
  });

  it('gives the room another password; who is here stays', async () => {
    const { room, ann, bob } = await owned('old');
    await does(ann, { type: 'password', password: 'new' });
    await bob.next('key');
    const late = await WireClient.open(server, room, from('203.0.113.3'));
    expect(await refusal(late, { type: 'join', password: 'old' })).toMatchObject({ code: 'password_wrong' });
    expect((await comes(room, 'dan', '203.0.113.4', { password: 'new' })).welcome.protected).toBe(true);
  });

  it('writes into a read-only room, and nobody else does', async () => {
    const { room, ann, bob } = await owned();
    ann.send({ type: 'set', readonly: true });
    expect(await bob.next('settings')).toEqual({ type: 'settings', at: clock.now(), readonly: true });
    expect(await refusal(bob, { type: 'say', text: 'hi', ref: 'r' })).toMatchObject({ code: 'readonly', ref: 'r' });
    await ann.say('news');
    const { welcome } = await comes(room, 'cat');
    expect(welcome).toMatchObject({ readonly: true });
    ann.send({ type: 'set', readonly: false });
    expect(await bob.next('settings')).toEqual({ type: 'settings', at: clock.now() });
    await bob.say('hi');
  });

  it('slows everybody else down, by client and by address', async () => {
    const { room, ann, bob } = await owned();
    const { client: cat } = await comes(room, 'cat', '203.0.113.1');
    const { client: dan } = await comes(room, 'dan', '203.0.113.2');
    ann.send({ type: 'set', slow: 10 });
    await dan.next('settings');
    await bob.say('one');
    expect(await refusal(bob, { type: 'say', text: 'two', ref: 'r' })).toEqual({
      code: 'slow',
      message: 'This room is in slow mode: you can write again in 10 seconds.',
      ref: 'r',
    });
    expect(await refusal(cat, { type: 'say', text: 'two' })).toMatchObject({ code: 'slow' });
    await dan.say('mine');
    for (const text of ['as', 'I', 'please']) await ann.say(text);
    clock.advance(9_999);
    expect((await refusal(bob, { type: 'say', text: 'two' })).message).toContain('in 1 second.');
    // Somebody sets the time: what is counted is what has passed.
    clock.jump(86_400_000);
    expect((await refusal(bob, { type: 'say', text: 'two' })).message).toContain('in 1 second.');
    clock.advance(1);
    await bob.say('two');
  });

  it('is answered where nothing changes, and everybody once where something does', async () => {
    const { ann, bob } = await owned();
    ann.send({ type: 'set', topic: ' Tea ' }, { type: 'set', topic: 'Tea' }, { type: 'set', topic: '' });
    await ann.count('settings', 3);
    await bob.fence();
    expect(ann.of('settings').map(({ topic }) => topic)).toEqual(['Tea', 'Tea', undefined]);
    expect(bob.of('settings').map(({ topic }) => topic)).toEqual(['Tea', undefined]);
    // Whatever else is kept of the room, and in whatever order.
    ann.send({ type: 'set', slow: 5 }, { type: 'mute', nick: 'bob', for: 60 }, { type: 'set', slow: 5 });
    await ann.count('settings', 5);
  });
});

it('what was set outlives the server, and nothing of it stands there in the clear', async () => {
  const { room, ann, bob, key } = await owned();
  await does(ann, { type: 'mute', nick: 'bob', for: 600 });
  ann.send({ type: 'set', topic: 'Tea', slow: 5 });
  await bob.next('settings');
  await server.stop();
  const kept = await readFile(join(data, 'rooms', room, 'room.json'), 'utf8');
  expect(JSON.parse(kept).rules).toMatchObject({ topic: 'Tea', slow: 5, mutes: [{ nick: 'bob' }] });
  expect(kept).not.toContain(key);
  server = await start();
  const { client, welcome } = await comes(room, 'bob');
  expect(welcome).toMatchObject({ topic: 'Tea', slow: 5 });
  expect(await refusal(client, { type: 'say', text: 'hi' })).toMatchObject({ code: 'muted' });
  const back = await comes(room, 'ann', OWNERS, { owner: key });
  expect(back.welcome.owner).toBe(key);
  await back.client.say('hi');
});
