// What a room promises, with its members at different nodes of a cluster: real servers, real nats-servers.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasNatsServer, type Nats, startNats } from '../../support/nats.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const NAMES = ['a', 'b', 'c'] as const;

let nats: Nats;
const nodes: ServerProcess[] = [];

function startNode(name: string): Promise<ServerProcess> {
  return startServer({ args: ['--nats', nats.urls.join(','), '--node', name] });
}

function node(index: number): ServerProcess {
  const found = nodes[index];
  if (found === undefined) throw new Error(`There is no node ${index}.`);
  return found;
}

/** Asks who is there until so many are: a node that has just opened a room learns it from the others. */
async function untilPresent(client: WireClient, count: number): Promise<string[]> {
  for (;;) {
    client.send({ type: 'who' });
    const { members, present } = await client.next('members');
    if (present === count) return members.map(({ nick }) => nick).sort();
  }
}

describe.skipIf(!hasNatsServer())('a cluster', () => {
  beforeAll(async () => {
    nats = await startNats({ servers: 3 });
    for (const name of NAMES) nodes.push(await startNode(name));
  }, 120_000);

  afterAll(async () => {
    await Promise.all(nodes.map((one) => one.stop('SIGKILL')));
    await nats.end();
  });

  it('a message reaches the members at every node once, in one order, and nobody in another room', async () => {
    const clients = await Promise.all(
      nodes.map(async (one, i) => (await WireClient.join(one, 'order', { nick: `n${i}` })).client),
    );
    const { client: other } = await WireClient.join(node(1), 'elsewhere', { nick: 'other' });
    for (let i = 0; i < 30; i++) clients[i % 3]?.send({ type: 'say', text: `m${i}`, ref: `r${i}` });
    await Promise.all(clients.map((client) => client.count('message', 30)));
    const [first] = clients.map((client) => client.of('message').map(({ seq, text }) => `${seq} ${text}`));
    for (const client of clients) {
      expect(client.of('message').map(({ seq, text }) => `${seq} ${text}`)).toEqual(first);
      expect(client.of('message').map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    }
    await other.fence();
    expect(other.of('message')).toEqual([]);
    const { client: late } = await WireClient.join(node(2), 'order', { nick: 'late' });
    expect(late.of('message').map(({ seq, text }) => `${seq} ${text}`)).toEqual(first);
  });

  it('arrivals, renamings and departures are told at every node, and `who` and the welcome count all', async () => {
    const { client: ann } = await WireClient.join(node(0), 'people', { nick: 'ann' });
    const { client: bob, welcome } = await WireClient.join(node(1), 'people', { nick: 'bob' });
    await ann.next('joined', ({ nick }) => nick === 'bob');
    expect(await untilPresent(bob, 2)).toEqual(['ann', 'bob']);
    expect(bob.of('joined')).toEqual([]);
    bob.send({ type: 'nick', nick: 'bobby' });
    expect(await ann.next('renamed')).toMatchObject({ id: welcome.id, nick: 'bobby', was: 'bob' });
    await bob.leave();
    expect(await ann.next('left')).toMatchObject({ id: welcome.id, nick: 'bobby' });
  });

  it('what is said by URL is said once, whatever nodes are asked at once, and is read at any of them', async () => {
    const urls = nodes.map(({ url }) => `${url}/rooms/urls`);
    const post = (url: string | undefined, body: string, headers: Record<string, string> = {}) =>
      fetch(`${url}`, { method: 'POST', body, headers });
    expect((await post(urls[0], 'first')).status).toBe(201);
    /** Repeated for as long as another request under the key is under way. */
    const keyed = async (url: string, body: string): Promise<string> => {
      for (;;) {
        const answer = await post(url, body, { 'X-Nick': 'bot', 'Idempotency-Key': body });
        if (answer.status !== 409) return await answer.text();
      }
    };
    for (const body of ['a', 'b', 'c']) {
      const lines = await Promise.all(urls.map((url) => keyed(url, body)));
      expect(new Set(lines).size).toBe(1);
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ nick: 'bot', text: body });
    }
    const logs = await Promise.all(urls.map(async (url) => (await fetch(`${url}/log`)).text()));
    expect(new Set(logs).size).toBe(1);
    const texts = logs[0]
      ?.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).text);
    expect(texts).toEqual(['first', 'a', 'b', 'c']);
  });

  it('a nick is one member, at whatever node', async () => {
    const { client: ann } = await WireClient.join(node(0), 'nicks', { nick: 'ann' });
    const { client: watcher } = await WireClient.join(node(1), 'nicks', { nick: 'watcher' });
    await ann.next('joined');
    await untilPresent(watcher, 2);
    const second = await WireClient.open(node(1), 'nicks');
    second.send({ type: 'join', nick: 'Ann' });
    expect(await second.next('error')).toMatchObject({ code: 'nick_taken' });
    await watcher.fence();
  });

  it('the password that its first member has given counts at every node', async () => {
    await WireClient.join(node(0), 'secret', { nick: 'ann', password: 'sesame' });
    const wrong = await WireClient.open(node(1), 'secret');
    wrong.send({ type: 'join', nick: 'eve', password: 'guess' });
    expect(await wrong.next('error')).toMatchObject({ code: 'password_wrong' });
    const { welcome } = await WireClient.join(node(2), 'secret', { nick: 'bob', password: 'sesame' });
    expect(welcome).toMatchObject({ protected: true, created: false });
  });

  it('of many that open a room at once at different nodes one makes it', async () => {
    const joined = await Promise.all(
      Array.from({ length: 12 }, (_, i) => WireClient.join(node(i % 3), 'rush', { nick: `n${i}` })),
    );
    expect(joined.filter(({ welcome }) => welcome.created)).toHaveLength(1);
    expect(new Set(joined.map(({ welcome }) => welcome.epoch)).size).toBe(1);
  });

  it('a client resumes at another node as who it was, which nobody is told', async () => {
    const { client: ann } = await WireClient.join(node(0), 'moving', { nick: 'ann' });
    const { client: bob, welcome } = await WireClient.join(node(1), 'moving', { nick: 'bob' });
    await ann.next('joined');
    await bob.say('before', 'r1');
    await bob.drop();
    const resume = { id: welcome.id, key: welcome.key, attempt: 1 };
    const again = await WireClient.join(node(2), 'moving', { nick: 'bob', resume, since: 1, epoch: welcome.epoch });
    expect(again.welcome).toMatchObject({ id: welcome.id, nick: 'bob', after: 1 });
    await again.client.say('after', 'r2');
    await ann.said('after');
    expect(ann.of('joined')).toHaveLength(1);
    expect(ann.of('left')).toEqual([]);
    expect(await untilPresent(again.client, 2)).toEqual(['ann', 'bob']);
  });

  it('who is still connected at one node when it comes back at another is replaced there', async () => {
    const { client: old, welcome } = await WireClient.join(node(0), 'twice', { nick: 'bob' });
    const resume = { id: welcome.id, key: welcome.key, attempt: 1 };
    await WireClient.join(node(1), 'twice', { nick: 'bob', resume });
    expect(await old.next('error')).toMatchObject({ code: 'replaced' });
    expect((await old.closed).code).toBe(4410);
  });

  it('a room that is deleted at one node ends for those at the others, and begins anew', async () => {
    const { client: ann, welcome } = await WireClient.join(node(0), 'doomed', { nick: 'ann' });
    await ann.say('gone', 'r1');
    const token = await node(1).adminToken();
    await execa('node', ['bin/roomchat.js', 'admin', 'delete', 'doomed', '--yes', '--server', node(1).url], {
      env: { ...node(1).env, ROOMCHAT_ADMIN_TOKEN: token },
    });
    expect(await ann.next('error')).toMatchObject({ code: 'kicked' });
    const anew = await WireClient.join(node(2), 'doomed', { nick: 'ann' });
    expect(anew.welcome).toMatchObject({ created: true, seq: 0 });
    expect(anew.welcome.epoch).not.toBe(welcome.epoch);
  });

  it('a data directory that has rooms of its own is left as it is', async () => {
    const data = await mkdtemp(join(tmpdir(), 'roomchat-own-'));
    const own = await startServer({ data });
    const { client } = await WireClient.join(own, 'order', { nick: 'ann' });
    await client.say('mine', 'r1');
    await own.stop('SIGTERM');
    const args = ['bin/roomchat.js', 'serve', '--port', '0', '--data', data, '--nats', nats.urls.join(',')];
    const { exitCode, stderr } = await execa('node', args, { reject: false });
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/has rooms of its own, such as order/)]);
    expect(await readFile(join(data, 'rooms', 'order', 'log.ndjson'), 'utf8')).toContain('mine');
    await rm(data, { recursive: true });
  });

  it('a node that is killed loses nothing: its clients are awaited, and come back elsewhere', async () => {
    const { client: ann } = await WireClient.join(node(0), 'killed', { nick: 'ann' });
    const { client: bob, welcome } = await WireClient.join(node(2), 'killed', { nick: 'bob' });
    await ann.next('joined');
    const said = Array.from({ length: 20 }, (_, i) => `b${i}`);
    for (const text of said) bob.send({ type: 'say', text, ref: text });
    await bob.said('b3');
    await node(2).stop('SIGKILL');
    await bob.closed;
    const seen = bob.of('message');
    const last = seen.at(-1);
    const resume = { id: welcome.id, key: welcome.key, attempt: 1 };
    const since = last?.seq ?? 0;
    const { client: again, welcome: back } = await WireClient.join(node(1), 'killed', {
      nick: 'bob',
      resume,
      since,
      epoch: welcome.epoch,
    });
    // Nobody but itself has its nick, though it is not known yet that its node is gone.
    expect(back).toMatchObject({ id: welcome.id, nick: 'bob' });
    const known = new Set([...seen, ...again.of('message')].map(({ text }) => text));
    for (const text of said) if (!known.has(text)) again.send({ type: 'say', text, ref: text });
    await ann.count('message', said.length);
    await again.fence();
    expect(ann.of('message').map(({ text }) => text)).toEqual(said);
    expect(ann.of('message').map(({ seq }) => seq)).toEqual(said.map((_, i) => i + 1));
    expect(ann.of('left')).toEqual([]);
    const logs = await Promise.all(
      [0, 1].map((i) => readFile(join(node(i).data, 'rooms', 'killed', 'log.ndjson'), 'utf8')),
    );
    expect(logs[0]).toBe(logs[1]);
    nodes[2] = await startNode('c');
  });
});
