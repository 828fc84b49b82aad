// When NATS has no room for more, or too few of its servers are left to decide: what is said, who is told, and that it works
// again by itself. Real servers, real nats-servers.

import { setTimeout as pass } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shardOf } from '../../../src/cluster/subjects.ts';
import { temporaryFolder } from '../../cluster/own-rooms.ts';
import { eventually } from '../../support/eventually.ts';
import { askServer } from '../../support/monitoring.ts';
import { hasNatsServer, type Nats, type NatsOptions, startNats } from '../../support/nats.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const PATIENCE_MS = 60_000;

async function start(options: NatsOptions, data?: string): Promise<{ nats: Nats; node: ServerProcess }> {
  const nats = await startNats(options);
  onTestFinished(() => nats.end());
  const node = await startServer({
    ...(data !== undefined && { data }),
    args: ['--nats', nats.urls.join(','), '--node', 'a'],
  });
  onTestFinished(async () => void (await node.stop('SIGKILL')));
  return { nats, node };
}

function admin(node: ServerProcess, ...args: string[]) {
  return execa('node', [COMMAND, 'admin', ...args, '--server', node.url], { env: node.env });
}

/** A room whose lines are in the same stream. */
function neighbourOf(room: string): string {
  for (let number = 0; ; number++) if (shardOf(`r${number}`) === shardOf(room)) return `r${number}`;
}

describe.skipIf(!hasNatsServer())('a cluster', () => {
  it('that is full refuses what does not fit, says so once, and goes on when a room is deleted', async () => {
    const { node } = await start({ servers: 1, maxFile: '80MB' });
    const { client: ann } = await WireClient.join(node, 'large', { nick: 'ann' });
    const { client: bob } = await WireClient.join(node, neighbourOf('large'), { nick: 'bob' });
    const text = 'x'.repeat(16_000);
    let said = 0;
    await eventually('it is full', PATIENCE_MS, async () => {
      for (let i = 0; i < 20; i++) ann.send({ type: 'say', text, ref: `r${said++}` });
      await ann.fence();
      return ann.of('error').length > 0;
    });
    await eventually('nothing more fits', PATIENCE_MS, async () => {
      bob.send({ type: 'say', text, ref: 'b' });
      await bob.fence();
      return bob.of('error').length > 0;
    });
    for (let i = 0; i < 3; i++) {
      bob.send({ type: 'say', text, ref: `b${i}` });
      expect(await bob.next('error', ({ ref }) => ref === `b${i}`)).toMatchObject({
        code: 'not_saved',
        message: 'There is no room for more messages: yours was not saved. Whoever runs the server can make room.',
      });
    }
    expect(node.output().match(/NATS has no room for more lines/g)).toHaveLength(1);
    expect(node.output()).not.toMatch(/were not saved/);
    expect((await askServer(node, '/healthz')).status).toBe(200);

    expect((await admin(node, 'delete', 'large', '--yes')).stdout).toBe('Deleted large.');
    for (let i = 0; !/NATS takes lines again/.test(node.output()); i++) {
      await bob.say(`again ${i}`, `again${i}`);
      await pass(200);
    }
  }, 120_000);

  it('of which most servers are gone lets nobody wait for ever, and is back when they are', async () => {
    const { nats, node } = await start({ servers: 3 });
    const { client: ann, welcome } = await WireClient.join(node, 'lobby', { nick: 'ann' });
    await ann.say('before', 'r1');
    await Promise.all([nats.kill(1), nats.kill(2)]);
    ann.send({ type: 'say', text: 'during', ref: 'r2' });
    expect((await ann.closed).code).toBe(1012);
    expect((await askServer(node, '/healthz')).status).toBe(503);
    expect(node.output()).toMatch(/NATS has decided nothing for 15 seconds/);
    await Promise.all([nats.restart(1), nats.restart(2)]);
    await eventually('the node is well', PATIENCE_MS, async () => (await askServer(node, '/healthz')).status === 200);
    const { client: back } = await WireClient.join(node, 'lobby', {
      nick: 'ann',
      resume: { id: welcome.id, key: welcome.key, attempt: 1 },
      since: 0,
    });
    // It was waiting when its author left: it may have come into the log or not, but not twice.
    expect(back.of('message').filter(({ text }) => text === 'during').length).toBeLessThanOrEqual(1);
    await back.say('after', 'r3');
  }, 180_000);

  it('leaves copies that no server of its own takes for its rooms', async () => {
    const data = await temporaryFolder();
    const { node } = await start({ servers: 1 }, data);
    await WireClient.join(node, 'lobby', { nick: 'ann', password: 'secret' });
    await node.stop('SIGTERM');
    const { exitCode, stderr } = await execa(process.execPath, [COMMAND, 'serve', '--port', '0', '--data', data], {
      reject: false,
    });
    expect([exitCode, stderr]).toEqual([
      1,
      `roomchat: The data directory ${data} holds copies of the rooms of a cluster: start with --nats. Choose another one with --data.`,
    ]);
  }, 60_000);
});
