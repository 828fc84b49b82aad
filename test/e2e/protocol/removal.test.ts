// What an admin takes away, as clients see it on the wire: an id, an address, a password, a room. Taken away means away:
// under an old key, after a crash, and for whoever was on the way in.

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ControlClient } from '../../support/control-client.ts';
import { request, upgradeRequest } from '../../support/raw-http.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerOptions, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import type { Welcome } from '../../support/wire-lines.ts';

let server: ServerProcess;
let admin: ControlClient;
beforeAll(async () => {
  // Nobody is this machine then, and everybody comes from where the header says.
  server = await startServer({ args: ['--trust-proxy'] });
  admin = await ControlClient.open(server, await server.adminToken());
});
afterAll(() => server.stop());

const at = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
const resume = ({ id, key }: Welcome, attempt = 1) => ({ resume: { id, key, attempt } });
const ask = async (command: { type: string; [field: string]: unknown }) => (await admin.ask(command)).end;

/** How a join ends that does not get in. */
async function turnedAway(room: string, fields: object, options = {}, from: ServerProcess = server) {
  const client = await WireClient.open(from, room, options);
  client.send({ type: 'join', ...fields });
  const { code: close } = await client.closed;
  const error = client.of('error').at(-1);
  expect(client.of('welcome')).toEqual([]);
  return { code: error?.code, close, message: error?.message };
}

/** What an upgrade from there is answered with. */
function knock(path: string, address: string, ...headers: [string, string][]) {
  const raw = upgradeRequest(server.port, path);
  raw.headers.push(['X-Forwarded-For', address], ...headers);
  return request(server.port, raw);
}

/** A server on a data directory that outlives it, and its admin. */
async function lasting(data: string, options: ServerOptions = {}) {
  const process = await startServer({ data, ...options });
  onTestFinished(async () => void (await process.stop()));
  return { process, admin: await ControlClient.open(process, await process.adminToken()) };
}

async function dataDirectory(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'roomchat-removal-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  return data;
}

describe('kick', () => {
  it('ends the id: its key is answered kicked, also after a crash; the person may join as somebody new', async () => {
    const data = await dataDirectory();
    const first = await lasting(data);
    const bob = await WireClient.join(first.process, 'r', { nick: 'bob', password: 'p' });
    const { end } = await first.admin.ask({ type: 'kick', id: bob.welcome.id, reason: 'enough' });
    expect(end).toEqual({ type: 'done', ref: 1, id: bob.welcome.id, nick: 'bob', room: 'r' });
    expect((await bob.client.closed).code).toBe(4403);
    const refusal = { code: 'kicked', close: 4403, message: 'You were removed from the room.' };
    for (const fields of [{}, { password: 'p' }, { as: 'speaker' }, { since: 0, epoch: bob.welcome.epoch }]) {
      expect(await turnedAway('r', { ...fields, ...resume(bob.welcome) }, {}, first.process)).toEqual(refusal);
    }
    await first.process.stop('SIGKILL');
    const second = await lasting(data);
    expect(await turnedAway('r', resume(bob.welcome, 9), {}, second.process)).toEqual(refusal);
    expect(await turnedAway('r', {}, {}, second.process)).toMatchObject({ code: 'password_required' });
    const again = await WireClient.join(second.process, 'r', { nick: 'bob', password: 'p' });
    expect(again.welcome.id).not.toBe(bob.welcome.id);
  });

  it('reaches one that was dropped and is awaited: it has left, and stays out', async () => {
    const room = freshRoom();
    const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
    const { client, welcome } = await WireClient.join(server, room, { nick: 'bob' });
    await client.drop();
    await server.printed(new RegExp(`${welcome.id}, 1006`));
    expect(await ask({ type: 'kick', id: welcome.id.slice(0, 20) })).toMatchObject({ type: 'done', nick: 'bob', room });
    expect((await ann.next('left')).id).toBe(welcome.id);
    expect(await turnedAway(room, resume(welcome))).toMatchObject({ code: 'kicked', close: 4403 });
    expect(await ask({ type: 'kick', id: welcome.id })).toMatchObject({ code: 'not_found' });
  });

  it('reaches a whole id in a named room, also of one that nobody remembers', async () => {
    const data = await dataDirectory();
    const first = await lasting(data);
    const { client, welcome } = await WireClient.join(first.process, 'r', { nick: 'bob' });
    await client.leave();
    await first.process.stop();
    const { process, admin: other } = await lasting(data);
    const { id } = welcome;
    expect((await other.ask({ type: 'kick', id })).end).toMatchObject({ code: 'not_found' });
    expect((await other.ask({ type: 'kick', id, room: 'nowhere' })).end).toMatchObject({ code: 'not_found' });
    expect((await other.ask({ type: 'kick', id, room: 'r' })).end).toMatchObject({ type: 'done', id, room: 'r' });
    expect(await turnedAway('r', resume(welcome), {}, process)).toMatchObject({ code: 'kicked' });
  });

  it('that cannot be written holds, says so, and may be tried again', async () => {
    const room = freshRoom();
    const { client, welcome } = await WireClient.join(server, room, { nick: 'bob' });
    const inTheWay = join(server.data, 'rooms', room, 'room.json.new');
    await mkdir(inTheWay);
    const refused = await ask({ type: 'kick', id: welcome.id });
    expect(refused).toMatchObject({ type: 'error', code: 'not_saved' });
    expect(refused.message).toMatch(/^The removal holds, but could not be written to the disk.* Try again\.$/);
    expect((await client.closed).code).toBe(4403);
    expect(await turnedAway(room, resume(welcome))).toMatchObject({ code: 'kicked' });
    await rm(inTheWay, { recursive: true });
    expect(await ask({ type: 'kick', id: welcome.id })).toMatchObject({ type: 'done' });
    expect(await ask({ type: 'kick', id: welcome.id })).toMatchObject({ code: 'not_found' });
  });
});

describe('ban', () => {
  it('of an address ends who is there and refuses who comes before the upgrade, from any room, with the reason', async () => {
    const rooms = [freshRoom(), freshRoom()];
    const bob = await WireClient.join(server, rooms[0] ?? '', { nick: 'bob' }, at('203.0.113.1'));
    const silent = await WireClient.open(server, rooms[1] ?? '', at('203.0.113.1'));
    const ann = await WireClient.join(server, rooms[0] ?? '', { nick: 'ann' }, at('203.0.113.2'));
    const done = await ask({ type: 'ban', target: '203.0.113.1', reason: 'spam', for: 7200 });
    expect(done).toMatchObject({ type: 'done', network: '203.0.113.1', reason: 'spam', ended: 2 });
    expect(await bob.client.next('error')).toMatchObject({
      code: 'banned',
      message: expect.stringMatching(/^You are banned from this server until \d{4}-\d\d-\d\d \d\d:\d\d UTC: spam$/),
    });
    expect((await bob.client.closed).code).toBe(4403);
    expect((await silent.closed).code).toBe(4403);
    expect((await ann.client.next('left')).id).toBe(bob.welcome.id);
    const forbidden = { status: 403, body: expect.stringMatching(/^You are banned from this server until .*: spam/) };
    for (const room of [...rooms, freshRoom()]) {
      expect(await knock(`/rooms/${room}`, '203.0.113.1')).toMatchObject(forbidden);
    }
    // The room's page as well; not the control path, which alone can undo it.
    const page = await fetch(`${server.url}/rooms/lobby`, at('203.0.113.1'));
    expect([page.status, await page.text()]).toEqual([403, expect.stringMatching(/spam\n$/)]);
    const authorization: [string, string] = ['Authorization', `Bearer ${await server.adminToken()}`];
    expect((await knock('/admin', '203.0.113.1', authorization)).status).toBe(101);
    await ann.client.say('still here');
    expect(await ask({ type: 'unban', target: '203.0.113.1' })).toMatchObject({ type: 'done', still: [] });
    await WireClient.join(server, rooms[0] ?? '', { nick: 'bob' }, at('203.0.113.1'));
  });

  it('of an IPv6 address is one of its /64, and of IPv4 written as IPv6 one of IPv4', async () => {
    const room = freshRoom();
    await WireClient.join(server, room);
    expect(await ask({ type: 'ban', target: '[2001:db8:1::7]', room })).toMatchObject({ network: '2001:db8:1::/64' });
    expect(await ask({ type: 'ban', target: '::ffff:203.0.113.20', room })).toMatchObject({ network: '203.0.113.20' });
    for (const address of ['2001:db8:1:0:ffff::1', '203.0.113.20', '::ffff:203.0.113.20', '::ffff:cb00:7114']) {
      expect(await turnedAway(room, {}, at(address))).toMatchObject({ code: 'banned', close: 4403 });
    }
    await WireClient.join(server, room, {}, at('2001:db8:1:1::1'));
  });

  it('of a room is told at the join, before a password is looked at; other rooms stay open', async () => {
    const room = freshRoom();
    await WireClient.join(server, room, { nick: 'ann', password: 'p' });
    const network = '198.51.100.0/24';
    expect(await ask({ type: 'ban', target: network, room })).toMatchObject({ type: 'done', network, room });
    const refusal = { code: 'banned', close: 4403, message: 'You are banned from this room.' };
    for (const fields of [{ password: 'p' }, { password: 'wrong' }, { as: 'speaker' }, {}]) {
      expect(await turnedAway(room, fields, at('198.51.100.77'))).toEqual(refusal);
    }
    await WireClient.join(server, freshRoom(), {}, at('198.51.100.77'));
    await WireClient.join(server, room, { password: 'p' }, at('198.51.101.77'));
  });

  it('of a client keeps out the address that it comes from, and ends its id wherever it comes from', async () => {
    const room = freshRoom();
    const bob = await WireClient.join(server, room, { nick: 'bob' }, at('203.0.113.30'));
    const done = await ask({ type: 'ban', target: bob.welcome.id.slice(0, 16), room });
    expect(done).toMatchObject({ network: '203.0.113.30', room, nick: 'bob', id: bob.welcome.id, ended: 1 });
    expect((await bob.client.closed).code).toBe(4403);
    expect(await turnedAway(room, {}, at('203.0.113.30'))).toMatchObject({ code: 'banned' });
    expect(await turnedAway(room, resume(bob.welcome), at('203.0.113.31'))).toMatchObject({ code: 'kicked' });
    // As bob's, the ban can be lifted; the id has ended for good.
    expect(await ask({ type: 'unban', target: bob.welcome.id, room })).toMatchObject({ network: '203.0.113.30' });
    expect(await turnedAway(room, resume(bob.welcome), at('203.0.113.30'))).toMatchObject({ code: 'kicked' });
    await WireClient.join(server, room, { nick: 'bob' }, at('203.0.113.30'));
  });

  it('of a client reaches one that has said something and gone', async () => {
    const room = freshRoom();
    const bob = await WireClient.join(server, room, { nick: 'bob' }, at('203.0.113.40'));
    await bob.client.say('rude');
    await bob.client.leave();
    await server.printed(new RegExp(`${bob.welcome.id}, 1000`));
    expect(await ask({ type: 'ban', target: bob.welcome.id })).toMatchObject({ network: '203.0.113.40', ended: 0 });
    await expect(WireClient.open(server, room, at('203.0.113.40'))).rejects.toThrow('403');
  });

  it('outlives a crash, and ends with the room that it is for', async () => {
    const data = await dataDirectory();
    const first = await lasting(data, { args: ['--trust-proxy'] });
    await WireClient.join(first.process, 'r');
    await first.admin.ask({ type: 'ban', target: '203.0.113.1' });
    await first.admin.ask({ type: 'ban', target: '203.0.113.2', room: 'r', reason: 'here' });
    await first.process.stop('SIGKILL');
    const { process, admin: other } = await lasting(data, { args: ['--trust-proxy'] });
    await expect(WireClient.open(process, 'r', at('203.0.113.1'))).rejects.toThrow('403');
    expect(await turnedAway('r', {}, at('203.0.113.2'), process)).toMatchObject({ code: 'banned' });
    const networks = async () => {
      const { bans } = (await other.ask({ type: 'bans' })).end;
      return Array.isArray(bans) ? bans.map(({ network }) => network) : [];
    };
    expect(await networks()).toEqual(['203.0.113.1', '203.0.113.2']);
    expect((await other.ask({ type: 'delete', room: 'r' })).end.type).toBe('done');
    expect(await networks()).toEqual(['203.0.113.1']);
    await WireClient.join(process, 'r', {}, at('203.0.113.2'));
    expect(JSON.parse(await readFile(join(data, 'bans.json'), 'utf8')).bans).toHaveLength(1);
  });

  it.each([
    ['everybody', '0.0.0.0/0', /0\.0\.0\.0\/0 is too wide/],
    ['everybody, as IPv6', '::/0', /too wide/],
    ['everybody, as IPv4 in IPv6', '::ffff:0:0/96', /too wide/],
    ['half of the world', '2000::/3', /too wide/],
    ['this machine', '127.0.0.1', /own machine/],
    ['this machine, as IPv6', '::1', /own machine/],
    ['this machine, as IPv4 in IPv6', '::ffff:127.0.0.1', /own machine/],
    ['what this machine lies in', '::/16', /own machine/],
    ['bits beyond the prefix', '203.0.113.7/24', /write 203\.0\.113\.0\/24/],
    ['no address', '203.0.113.', /neither an IP address/],
    ['nobody', 'zzzz', /No client here has this id/],
    ['nothing', '', /No client here has this id/],
    ['what is too long', 'z'.repeat(100), /too long/],
  ])('of %s is refused in words', async (_, target, sentence) => {
    const refused = await ask({ type: 'ban', target });
    expect(refused.type).toBe('error');
    expect(refused.message).toMatch(sentence);
  });

  it('of a client of this machine is refused: it would be one of everybody behind a proxy', async () => {
    const { client, welcome } = await WireClient.join(server, freshRoom(), {}, at('127.0.0.1'));
    expect((await ask({ type: 'ban', target: welcome.id })).message).toMatch(/own machine/);
    await client.say('still here');
  });

  it('unban says which ban it is not, and which still covers', async () => {
    const room = freshRoom();
    await WireClient.join(server, room);
    await ask({ type: 'ban', target: '192.0.2.0/24' });
    await ask({ type: 'ban', target: '192.0.2.1' });
    await ask({ type: 'ban', target: '192.0.2.99', room });
    const message = async (target: string, where = {}) => (await ask({ type: 'unban', target, ...where })).message;
    expect(await message('192.0.2.7')).toBe('192.0.2.7 is not banned by itself: the ban of 192.0.2.0/24 covers it.');
    expect(await message('192.0.2.99')).toMatch(new RegExp(`add --room ${room}`));
    expect(await message('192.0.2.1', { room })).toMatch(/banned from the whole server/);
    expect(await message('198.18.0.1')).toBe('198.18.0.1 is not banned.');
    expect(await message('192.0.2.1/24')).toMatch(/write 192\.0\.2\.0\/24/);
    expect(await message('zzzz')).toMatch(/no such ban/);
    const { still } = await ask({ type: 'unban', target: '192.0.2.1' });
    expect(still).toMatchObject([{ network: '192.0.2.0/24' }]);
    expect(await ask({ type: 'unban', target: '192.0.2.0/24' })).toMatchObject({ still: [] });
  });
});
