// An admin at one node of a cluster, for clients, rooms and bans at all of them: real servers, real nats-servers.

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ControlClient } from '../../support/control-client.ts';
import { eventually } from '../../support/eventually.ts';
import { hasNatsServer, type Nats, startNats } from '../../support/nats.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let nats: Nats;
let a: ServerProcess;
let b: ServerProcess;

function startNode(name: string): Promise<ServerProcess> {
  return startServer({ args: ['--nats', nats.urls.join(','), '--node', name, '--trust-proxy'] });
}

/** At node a. */
async function admin(...args: string[]) {
  return await execa('node', ['bin/roomchat.js', 'admin', ...args, '--server', a.url], {
    env: { ...a.env, ROOMCHAT_TOKEN: await a.adminToken() },
    reject: false,
  });
}

/** Joins as if from that address. */
function joinFrom(address: string, server: ServerProcess, room: string, nick: string) {
  return WireClient.join(server, room, { nick }, { headers: { 'X-Forwarded-For': address } });
}

describe.skipIf(!hasNatsServer())('the admin of a cluster', () => {
  beforeAll(async () => {
    nats = await startNats({ servers: 1 });
    [a, b] = await Promise.all([startNode('a'), startNode('b')]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([a, b].map((one) => one.stop('SIGKILL')));
    await nats.end();
  });

  it('who joins first at a node is told how many are at the others', async () => {
    await WireClient.join(b, 'greeted', { nick: 'bob' });
    for (const nick of ['ann', 'cid']) {
      const { welcome, client } = await WireClient.join(a, 'greeted', { nick });
      expect(welcome.present).toBe(2);
      await client.leave();
    }
  });

  it('clients, rooms and verify list all nodes', async () => {
    await WireClient.join(a, 'listed', { nick: 'ann' });
    const { client: bob } = await WireClient.join(b, 'listed', { nick: 'bob' });
    await bob.say('hello', 'r1');
    await WireClient.join(b, 'only-b', { nick: 'cid', password: 'x' });
    const clients = (await admin('clients', 'listed')).stdout.split('\n');
    expect(clients[0]).toMatch(/waiting +node$/);
    expect(clients.slice(1).map((line) => line.split(/ {2,}/).filter((_, i) => i === 1 || i === 8))).toEqual([
      ['ann', 'a'],
      ['bob', 'b'],
    ]);
    const rooms = (await admin('rooms', '--json')).stdout.split('\n').map((line) => JSON.parse(line));
    const of = (name: string) => rooms.find((room) => room.name === name);
    expect(of('listed')).toMatchObject({ present: 2, seq: 1, protected: false });
    expect(of('only-b')).toMatchObject({ present: 1, seq: 0, protected: true });
    const verified = (await admin('verify', 'listed', '--json')).stdout.split('\n').map((line) => JSON.parse(line));
    expect(verified.map(({ node, lines, problems }) => [node, lines, problems.length])).toEqual([
      ['a', 1, 0],
      ['b', 1, 0],
    ]);
  });

  it('a line for one client finds it at its node, by the beginning of its id', async () => {
    const { client: bob, welcome } = await WireClient.join(b, 'private', { nick: 'bob' });
    const { stdout } = await admin('dm', welcome.id.slice(0, 12), 'psst');
    expect(stdout).toBe('Sent to bob in private.');
    expect(await bob.next('direct')).toMatchObject({ text: 'psst' });
    const { stderr, exitCode } = await admin('dm', 'no-such-client', 'psst');
    expect([exitCode, stderr]).toEqual([5, 'roomchat: No client here has this id.']);
  });

  it('an owner at one node acts at all, and what is set holds at all', async () => {
    const { client: ann, welcome } = await joinFrom('198.51.100.1', a, 'owned', 'ann');
    const { client: bob } = await joinFrom('203.0.113.1', b, 'owned', 'bob');
    ann.send({ type: 'set', topic: 'Tea', readonly: true });
    for (const client of [ann, bob])
      expect(await client.next('settings')).toMatchObject({ topic: 'Tea', readonly: true });
    bob.send({ type: 'say', text: 'hi', ref: 'r' });
    expect(await bob.next('error')).toMatchObject({ code: 'readonly', ref: 'r' });
    ann.send({ type: 'set', readonly: false });
    await bob.next('settings');
    ann.send({ type: 'mute', nick: 'bob', for: 600 });
    expect(await ann.next('done')).toMatchObject({ command: 'mute', nick: 'bob', for: 600 });
    expect(await bob.next('direct')).toMatchObject({ text: 'You are muted in this room for 10 minutes.' });
    // Of the same address, at the other node.
    const { client: rob } = await joinFrom('203.0.113.1', a, 'owned', 'rob');
    for (const client of [bob, rob]) {
      client.send({ type: 'say', text: 'hi', ref: 'r' });
      expect(await client.next('error')).toMatchObject({ code: 'muted', ref: 'r' });
    }
    // The same key at the other node.
    const fields = { nick: 'cid', owner: welcome.owner };
    const { client: cid, welcome: cids } = await WireClient.join(b, 'owned', fields, {
      headers: { 'X-Forwarded-For': '192.0.2.1' },
    });
    expect(cids).toMatchObject({ topic: 'Tea', owner: welcome.owner });
    cid.send({ type: 'ban', nick: 'rob' });
    expect(await cid.next('done')).toMatchObject({ command: 'ban', nick: 'rob' });
    expect(await rob.next('error')).toMatchObject({ code: 'banned' });
    expect(await bob.next('error')).toMatchObject({ code: 'banned' });
    // Nobody was given other keys for it.
    expect([...ann.of('key'), ...cid.of('key')]).toEqual([]);
  });

  it('who is kicked is out wherever it is, is told why, and does not come back anywhere', async () => {
    const { client: bob, welcome } = await WireClient.join(b, 'strict', { nick: 'bob' });
    const { stdout } = await admin('kick', welcome.id, 'too', 'loud');
    expect(stdout).toBe('Removed bob in strict.');
    expect(await bob.next('error')).toMatchObject({
      code: 'kicked',
      message: 'You were removed from the room: too loud',
    });
    const resume = { id: welcome.id, key: welcome.key, attempt: 1 };
    for (const server of [a, b]) {
      const again = await WireClient.open(server, 'strict');
      again.send({ type: 'join', nick: 'bob', resume, since: 0 });
      expect(await again.next('error')).toMatchObject({ code: 'kicked' });
    }
  });

  it('a client that has left lately can be removed as well', async () => {
    const { client: bob, welcome } = await WireClient.join(b, 'rude', { nick: 'bob' });
    await WireClient.join(b, 'rude', { nick: 'ann' });
    await bob.leave();
    await eventually(
      'bob is removed',
      10_000,
      async () => (await admin('kick', welcome.id)).stdout === 'Removed bob in rude.',
    );
  });

  it('a ban ends those who are at other nodes, holds at all of them and after a restart, until it is lifted', async () => {
    const { client: eve } = await joinFrom('203.0.113.7', b, 'banned', 'eve');
    await joinFrom('203.0.113.8', b, 'banned', 'ann');
    const done = JSON.parse((await admin('ban', '203.0.113.7', '--json', 'spam')).stdout);
    expect(done).toMatchObject({ network: '203.0.113.7', ended: 1 });
    expect(await eve.next('error')).toMatchObject({ code: 'banned' });
    await expect(joinFrom('203.0.113.7', b, 'banned', 'eve')).rejects.toThrow(/403/);
    await b.stop('SIGTERM');
    b = await startNode('b');
    await expect(joinFrom('203.0.113.7', b, 'banned', 'eve')).rejects.toThrow(/403/);
    await admin('unban', '203.0.113.7');
    await eventually('the ban is lifted at b', 10_000, () => joinFrom('203.0.113.7', b, 'banned', 'eve'));
  });

  it('a ban by id bans the address that the client has at its node', async () => {
    const { client: eve, welcome } = await joinFrom('198.51.100.9', b, 'by-id', 'eve');
    const done = JSON.parse((await admin('ban', welcome.id, '--json')).stdout);
    expect(done).toMatchObject({ network: '198.51.100.9', id: welcome.id, nick: 'eve', ended: 1 });
    expect(await eve.next('error')).toMatchObject({ code: 'banned' });
    await admin('unban', '198.51.100.9');
  });

  it('a broadcast to every open room is said once in each, wherever it is open', async () => {
    const { client: ann } = await WireClient.join(a, 'cast-a', { nick: 'ann' });
    const { client: bob } = await WireClient.join(b, 'cast-b', { nick: 'bob' });
    const { client: cid } = await WireClient.join(a, 'cast-b', { nick: 'cid' });
    expect((await admin('broadcast', '*', 'news')).stdout).toMatch(/^Sent to \d+ rooms\.$/);
    for (const client of [ann, bob, cid]) {
      expect(await client.next('notice')).toMatchObject({ text: 'news' });
      await client.fence();
      expect(client.of('notice')).toHaveLength(1);
    }
  });

  it('watch shows what happens at every node, each line once, and which node it was', async () => {
    const { client: ann } = await WireClient.join(a, 'watched', { nick: 'ann' });
    const control = await ControlClient.open(a, await a.adminToken());
    await control.ask({ type: 'watch' });
    const seen = (text: string) =>
      control.lines.filter(
        ({ event, room, nick }) => event === text && room === 'watched' && (nick === 'bob' || text === 'message'),
      );
    // A node that has not heard yet that somebody watches tells nothing.
    let bob: WireClient | undefined;
    await eventually('b tells what happens', 10_000, async () => {
      const joined = await WireClient.join(b, 'watched', { nick: 'bob' });
      await ann.fence();
      await joined.client.fence();
      bob = joined.client;
      if (seen('joined').length > 0) return true;
      await joined.client.leave();
      return false;
    });
    expect(seen('joined')[0]).toMatchObject({ nick: 'bob', node: 'b' });
    await bob?.say('from b', 'r1');
    await ann.say('from a', 'r2');
    await bob?.leave();
    await control.line(({ event, room, nick }) => event === 'left' && room === 'watched' && nick === 'bob');
    // Each node tells its own, and what one tells may overtake what another does.
    expect(new Set(seen('message').map(({ text, node }) => `${text} at ${node}`))).toEqual(
      new Set(['from b at b', 'from a at a']),
    );
    expect(seen('message')).toHaveLength(2);
    control.close();
  });

  it('says which node did not answer', async () => {
    const stopped = await startNode('c');
    await eventually('all answer', 10_000, async () => (await admin('clients')).stderr === '');
    process.kill(stopped.pid, 'SIGSTOP');
    const { stderr, exitCode } = await admin('clients');
    expect([exitCode, stderr]).toEqual([0, 'roomchat: c did not answer: what is there is missing here.']);
    await stopped.stop('SIGKILL');
  });
});
