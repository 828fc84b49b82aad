// `serve --adopt`: the rooms of a server of its own are in the cluster, whatever happens on the way.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { tokenOf } from '../../../src/cluster/subjects.ts';
import { linesOfRoom, makeRoom, temporaryFolder } from '../../cluster/own-rooms.ts';
import { eventually } from '../../support/eventually.ts';
import { hasNatsServer, type Nats, startNats } from '../../support/nats.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const PATIENCE_MS = 30_000;

let nats: Nats;
let clusters = 0;

/** A cluster of its own on the servers of all: the flags of one of its nodes, and what NATS has of it. */
async function newCluster() {
  clusters += 1;
  const prefix = `c${clusters}`;
  const connection = await connect({ servers: [...nats.urls], maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  onTestFinished(() => connection.close());
  const manager = await jetstreamManager(connection);
  return {
    flags: (node: string) => ['--nats', nats.urls.join(','), '--nats-prefix', prefix, '--node', node],
    /** How many batches the rooms have together. */
    batches: async () => {
      let count = 0;
      for await (const { config, state } of manager.streams.list()) {
        if (config.name.startsWith(`${prefix.toUpperCase()}-CHAT_`)) count += state.messages;
      }
      return count;
    },
    knows: async (room: string) => {
      const bucket = await new Kvm(connection).open(`${prefix}-rooms`);
      return (await bucket.get(tokenOf(room))) !== null;
    },
  };
}

async function serving(data: string, args: readonly string[]): Promise<ServerProcess> {
  const server = await startServer({ data, args });
  onTestFinished(async () => void (await server.stop('SIGKILL')));
  return server;
}

/** Starts a node and does not wait for it. */
function start(data: string, args: readonly string[]) {
  const env = { XDG_STATE_HOME: join(data, 'state') };
  const child = execa(process.execPath, [COMMAND, 'serve', '--port', '0', '--data', data, ...args], {
    env,
    reject: false,
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await child;
  });
  let isListening = false;
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.toString().includes('listening on')) isListening = true;
  });
  return { child, isListening: () => isListening };
}

function logOf(data: string, room: string): Promise<string> {
  return readFile(join(data, 'rooms', room, 'log.ndjson'), 'utf8');
}

describe.skipIf(!hasNatsServer())('serve --adopt', () => {
  beforeAll(async () => {
    nats = await startNats({ servers: 1 });
  }, 60_000);

  afterAll(() => nats.end());

  it('keeps passwords, keys, who was shut out and every byte, and another node serves what joined', async () => {
    const { flags } = await newCluster();
    const [data, other] = [await temporaryFolder(), await temporaryFolder()];
    const bytes = await makeRoom(data, 'lobby', linesOfRoom('lobby', 1_500));
    const own = await serving(data, []);
    const { client: ann, welcome } = await WireClient.join(own, 'vault', { nick: 'ann', password: 'sesame' });
    const said = await ann.say('before', 'r1');
    const { welcome: eve } = await WireClient.join(own, 'vault', { nick: 'eve', password: 'sesame' });
    await execa(process.execPath, [COMMAND, 'admin', 'kick', eve.id, '--server', own.url], { env: own.env });
    await own.stop('SIGKILL');

    const first = await serving(data, [...flags('a'), '--adopt']);
    await first.printed(/2 rooms have joined the cluster, with 1501 lines/);
    const second = await serving(other, flags('b'));
    const stranger = await WireClient.open(second, 'vault');
    stranger.send({ type: 'join', nick: 'mallory', password: 'guess' });
    expect(await stranger.next('error')).toMatchObject({ code: 'password_wrong' });
    const resume = { id: welcome.id, key: welcome.key, attempt: 1 };
    const since = { since: said.seq, sinceAt: said.at, epoch: welcome.epoch };
    const back = await WireClient.join(second, 'vault', { nick: 'ann', resume, ...since });
    expect(back.welcome).toMatchObject({ id: welcome.id, epoch: welcome.epoch, after: said.seq });
    expect(back.client.of('message')).toEqual([]);
    const kicked = await WireClient.open(second, 'vault');
    kicked.send({ type: 'join', nick: 'eve', resume: { id: eve.id, key: eve.key, attempt: 1 } });
    expect(await kicked.next('error')).toMatchObject({ code: 'kicked' });

    const { client: bob } = await WireClient.join(second, 'lobby', { nick: 'bob' });
    expect(bob.raw.filter((line) => line.startsWith('{"type":"message"')).join('') === bytes).toBe(true);
    await bob.say('after', 'r2');
    const { client: cat } = await WireClient.join(first, 'lobby', { nick: 'cat', last: 1 });
    expect(cat.of('message')).toMatchObject([{ seq: 1_501, text: 'after' }]);
    expect((await logOf(data, 'lobby')) === (await logOf(other, 'lobby'))).toBe(true);
    expect((await logOf(data, 'lobby')).startsWith(bytes)).toBe(true);

    await first.stop();
    const again = await serving(data, flags('a'));
    expect(again.output()).not.toMatch(/joined the cluster|warning/);
  }, 60_000);

  it('goes on where it was killed, again and again, and nobody sees a room that is not whole', async () => {
    const { flags, batches, knows } = await newCluster();
    const data = await temporaryFolder();
    const bytes = await makeRoom(data, 'big', linesOfRoom('big', 6_000, 4_000));
    let killed = 0;
    for (let had = 0; killed < 5; killed++) {
      const { child, isListening } = start(data, [...flags('a'), '--adopt']);
      const seen = await eventually('batches come, or it is done', PATIENCE_MS, async () => {
        if (isListening()) return -1;
        const count = await batches();
        return count >= had + 4 && count;
      });
      child.kill('SIGKILL');
      await child;
      if (seen === -1) break;
      if ((await batches()) * 512 * 1024 < bytes.length) expect(await knows('big')).toBe(false);
      had = await batches();
    }
    expect(killed).toBeGreaterThan(2);
    const first = await serving(data, [...flags('a'), '--adopt']);
    const other = await temporaryFolder();
    const second = await serving(other, flags('b'));
    for (const [nick, server] of Object.entries({ ann: first, bob: second })) {
      const { client } = await WireClient.join(server, 'big', { nick });
      expect(client.of('message').length).toBe(6_000);
    }
    expect((await logOf(data, 'big')) === bytes).toBe(true);
    expect((await logOf(other, 'big')) === bytes).toBe(true);
  }, 120_000);

  it('outlasts a nats-server that is killed in the middle', async () => {
    const { flags, batches } = await newCluster();
    const data = await temporaryFolder();
    const bytes = await makeRoom(data, 'big', linesOfRoom('big', 6_000, 4_000));
    const { isListening } = start(data, [...flags('a'), '--adopt']);
    await eventually('batches come', PATIENCE_MS, async () => (await batches()) >= 5);
    await nats.kill(0);
    expect(isListening()).toBe(false);
    await nats.restart(0);
    await eventually('it is done', PATIENCE_MS, async () => isListening());
    const other = await temporaryFolder();
    const { client } = await WireClient.join(await serving(other, flags('b')), 'big', { nick: 'bob' });
    expect(client.of('message').length).toBe(6_000);
    expect((await logOf(other, 'big')) === bytes).toBe(true);
  }, 120_000);

  it('says what it needs, and which room is in the way', async () => {
    const { flags } = await newCluster();
    const [data, other] = [await temporaryFolder(), await temporaryFolder()];
    const serve = (...args: string[]) =>
      execa(process.execPath, [COMMAND, 'serve', '--port', '0', '--data', data, ...args], { reject: false });
    expect(await serve('--adopt')).toMatchObject({
      exitCode: 2,
      stderr: 'roomchat: --adopt brings rooms into a cluster: say which one with --nats.',
    });
    const bytes = await makeRoom(data, 'lobby', linesOfRoom('lobby', 3));
    await WireClient.join(await serving(other, flags('b')), 'lobby', { nick: 'bob' });
    expect(await serve(...flags('a'), '--adopt')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^roomchat: The cluster has another room lobby already\. .*rooms\/lobby is left as it/,
      ),
    });
    expect(await logOf(data, 'lobby')).toBe(bytes);
  }, 60_000);

  it('the bans that it kept hold at every node', async () => {
    const cluster = await newCluster();
    const data = await temporaryFolder();
    const own = await serving(data, ['--trust-proxy']);
    const admin = (server: ServerProcess, ...args: string[]) =>
      execa('node', [COMMAND, 'admin', ...args, '--server', server.url], { env: server.env });
    await admin(own, 'ban', '203.0.113.7', 'spam');
    await own.stop('SIGTERM');
    const b = await serving(await temporaryFolder(), [...cluster.flags('b'), '--trust-proxy']);
    const a = await serving(data, [...cluster.flags('a'), '--trust-proxy', '--adopt']);
    const headers = { 'X-Forwarded-For': '203.0.113.7' };
    for (const server of [a, b]) {
      await eventually('the ban holds', PATIENCE_MS, () =>
        WireClient.open(server, 'lobby', { headers }).then(
          () => false,
          (error: Error) => /403/.test(error.message),
        ),
      );
      expect((await admin(server, 'bans', '--json')).stdout).toMatch(/"network":"203\.0\.113\.7"/);
    }
    expect(JSON.parse(await readFile(join(data, 'bans.json'), 'utf8')).bans).toEqual([]);
  });
});
