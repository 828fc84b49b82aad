// What a node of a cluster tells whoever watches it: its metrics, and at /healthz and to its clients that it is cut off.

import { connect, headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Names } from '../../../src/cluster/subjects.ts';
import { eventually } from '../../support/eventually.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { askServer, samples } from '../../support/monitoring.ts';
import { hasNatsServer, type Nats, startNats } from '../../support/nats.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

/** Longer than it takes until a node that is cut off sends its clients away. */
const PATIENCE_MS = 60_000;

async function metricsOf(node: ServerProcess): Promise<Map<string, number>> {
  return samples((await askServer(node, '/metrics')).body);
}

/** Resolves when a node's metric is so large. */
function untilMetric(node: ServerProcess, name: string, value: number): Promise<unknown> {
  return eventually(`${name} is ${value}`, PATIENCE_MS, async () => (await metricsOf(node)).get(name) === value);
}

describe.skipIf(!hasNatsServer())('a node of a cluster', () => {
  let nats: Nats;
  let wire: FaultProxy;
  let isCut = false;
  let a: ServerProcess;
  /** Its connection to NATS may be cut. */
  let b: ServerProcess;

  beforeAll(async () => {
    nats = await startNats({ servers: 1 });
    const [url = ''] = nats.urls;
    wire = await FaultProxy.open(Number(new URL(url).port), () =>
      isCut ? { kind: 'reset', direction: 'up', after: 0 } : undefined,
    );
    a = await startServer({ args: ['--nats', url, '--node', 'a'] });
    b = await startServer({ args: ['--nats', `nats://127.0.0.1:${wire.port}`, '--node', 'b'] });
  }, 120_000);

  afterAll(async () => {
    await Promise.all([a?.stop('SIGKILL'), b?.stop('SIGKILL')]);
    await wire?.close();
    await nats?.end();
  });

  it('counts what it does to agree with the others, and a server of its own has nothing of it', async () => {
    const { client: ann, welcome } = await WireClient.join(a, 'secretroom', { nick: 'ann' });
    const { client: bob } = await WireClient.join(b, 'secretroom', { nick: 'bob' });
    await ann.say('hi', 'r1');
    await bob.said('hi');
    await untilMetric(a, 'roomchat_cluster_nodes', 2);
    const found = await metricsOf(a);
    expect(found.get('roomchat_cluster_connected')).toBe(1);
    expect(found.get('roomchat_cluster_copies_behind')).toBe(0);
    expect(found.get('roomchat_cluster_batches_total')).toBe(1);
    expect(found.get('roomchat_cluster_voids_total')).toBe(0);
    expect(found.get('roomchat_cluster_gaps_total')).toBeGreaterThanOrEqual(0);
    // One proved the end of the room, and one had the line.
    expect(found.get('roomchat_commit_seconds_count')).toBeGreaterThanOrEqual(2);
    expect(found.get('roomchat_commit_seconds_bucket{le="+Inf"}')).toBe(found.get('roomchat_commit_seconds_count'));
    expect(found.get('roomchat_commit_seconds_sum')).toBeGreaterThan(0);

    const resume = { id: welcome.id, key: welcome.key, attempt: 1 };
    await WireClient.join(a, 'secretroom', { nick: 'ann', resume });
    await untilMetric(b, 'roomchat_cluster_fences_total', 1);

    const astray = headers();
    astray.set('Rc-After', '999999');
    const own = await connect({ servers: [...nats.urls] });
    await own.request(new Names('').room('secretroom', welcome.epoch), 'nothing', { timeout: 5_000, headers: astray });
    await own.close();
    for (const node of [a, b]) await untilMetric(node, 'roomchat_cluster_voids_total', 1);

    let said = 0;
    await eventually('one was first, and the other tried again', PATIENCE_MS, async () => {
      bob.send({ type: 'say', text: 'me', ref: `m${said++}` });
      const rival = await WireClient.join(a, 'secretroom');
      await rival.client.leave();
      const counted = await Promise.all([a, b].map(metricsOf));
      return counted.some((one) => (one.get('roomchat_cluster_retries_total') ?? 0) > 0);
    });
    expect((await askServer(a, '/metrics')).body).not.toMatch(/secretroom|ann|bob/);

    const alone = await startServer();
    expect((await askServer(alone, '/metrics')).body).not.toMatch(/cluster|commit/);
    await alone.stop();
  }, 120_000);

  it('that is cut off says so, sends its clients away, and is back by itself with what it missed', async () => {
    const { client: ann } = await WireClient.join(a, 'cut', { nick: 'ann' });
    const { client: bob, welcome } = await WireClient.join(b, 'cut', { nick: 'bob' });
    await ann.say('before', 'r1');
    await bob.said('before');
    expect(await askServer(b, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    isCut = true;
    wire.strike('reset');
    await untilMetric(b, 'roomchat_cluster_connected', 0);
    expect((await metricsOf(b)).get('roomchat_cluster_copies_behind')).toBeGreaterThan(0);
    await ann.say('meanwhile', 'r2');
    expect((await bob.closed).code).toBe(1012);
    expect(await askServer(b, '/healthz')).toMatchObject({
      status: 503,
      body: 'the other servers cannot be reached\n',
    });
    await expect(WireClient.open(b, 'cut')).rejects.toThrow('503');
    expect(await askServer(a, '/healthz')).toMatchObject({ status: 200 });
    isCut = false;
    await eventually('the node is well', PATIENCE_MS, async () => (await askServer(b, '/healthz')).status === 200);
    await untilMetric(b, 'roomchat_cluster_connected', 1);
    await untilMetric(b, 'roomchat_cluster_copies_behind', 0);
    const { client: back } = await WireClient.join(b, 'cut', { nick: 'bob2', since: 1, epoch: welcome.epoch });
    expect(back.of('message').map(({ text }) => text)).toEqual(['meanwhile']);
    expect(b.output()).toMatch(/the connection to NATS was lost/);
    expect(b.output()).toMatch(/NATS is connected again/);
  }, 120_000);
});
