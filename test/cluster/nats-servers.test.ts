// The nats-servers that the tests of the cluster start: they store with a quorum, and go on when one of them does not.

import { type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { hasNatsServer, type Nats, startNats } from '../support/nats.ts';

const STREAM = 'LOG';
const SUBJECT = 'log.lobby';
const PATIENCE_MS = 60_000;
const natsTest = it.skipIf(!hasNatsServer());

let nats: Nats | undefined;
let connection: NatsConnection | undefined;

afterEach(async () => {
  await connection?.close();
  await nats?.end();
  connection = nats = undefined;
});

/** Connected to the first of them. A frozen server is noticed by its silence alone, which it is not given minutes for. */
function clientOf(urls: readonly string[]): Promise<NatsConnection> {
  const patience = { pingInterval: 1_000, maxPingOut: 2, timeout: 2_000 };
  const again = { maxReconnectAttempts: -1, reconnectTimeWait: 100 };
  return connect({ servers: [...urls], noRandomize: true, ...patience, ...again });
}

/** Three servers, a stream that all of them have, and a client. */
async function threeServers() {
  nats = await startNats({
    servers: 3,
    maxFile: '64MB',
    maxMem: '16MB',
    lameDuckDuration: '30s',
    lameDuckGracePeriod: '1s',
  });
  connection = await clientOf(nats.urls);
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: STREAM, subjects: ['log.>'], num_replicas: 3 });
  return { nats, stream: jetstream(connection, { timeout: 2_000 }) };
}

/** Says it after what was said last, and resolves with its number. An answer that got lost is asked for once more. */
async function say(stream: JetStreamClient, text: string, last: number): Promise<number> {
  return eventually(`"${text}" is acknowledged`, PATIENCE_MS, async () => {
    try {
      const expected = { lastSubjectSequence: last };
      return (await stream.publish(SUBJECT, text, { expect: expected, timeout: 2_000, retries: 0 })).seq;
    } catch {
      const stored = await lastSaid(stream).catch(() => undefined);
      return stored?.text === text ? stored.seq : undefined;
    }
  });
}

async function lastSaid(stream: JetStreamClient): Promise<{ seq: number; text: string } | undefined> {
  const manager = await stream.jetstreamManager(false);
  const message = await manager.streams.getMessage(STREAM, { last_by_subj: SUBJECT });
  return message === null ? undefined : { seq: message.seq, text: message.string() };
}

natsTest(
  'three store what is said in order, without the one that led, and with it again',
  async () => {
    const { nats, stream } = await threeServers();
    expect(await say(stream, 'one', 0)).toBe(1);
    await expect(stream.publish(SUBJECT, 'late', { expect: { lastSubjectSequence: 0 } })).rejects.toMatchObject({
      code: 10071,
    });

    const leader = await nats.leaderOf(STREAM);
    await nats.kill(leader);
    expect(await say(stream, 'two', 1)).toBe(2);
    expect(await nats.leaderOf(STREAM)).not.toBe(leader);

    await nats.restart(leader);
    await nats.ready();
    expect(await say(stream, 'three', 2)).toBe(3);
    expect(await lastSaid(stream)).toEqual({ seq: 3, text: 'three' });
  },
  180_000,
);

natsTest(
  'one that is frozen is gone for the others and for its clients, until it is thawed',
  async () => {
    const { nats } = await threeServers();
    const leader = await nats.leaderOf(STREAM);
    await connection?.close();
    connection = await clientOf([nats.urls[leader] ?? '', ...nats.urls]);
    const stream = jetstream(connection, { timeout: 2_000 });
    expect(await say(stream, 'one', 0)).toBe(1);
    nats.freeze(leader);
    expect(await say(stream, 'two', 1)).toBe(2);
    expect(await nats.leaderOf(STREAM)).not.toBe(leader);
    nats.thaw(leader);
    await nats.ready();
    expect(await say(stream, 'three', 2)).toBe(3);
  },
  180_000,
);

natsTest(
  'one that goes away by itself hands over what it led',
  async () => {
    const { nats, stream } = await threeServers();
    const leader = await nats.leaderOf(STREAM);
    nats.lameDuck(leader);
    await nats.ended(leader);
    expect(await say(stream, 'one', 0)).toBe(1);
    expect(await nats.leaderOf(STREAM)).not.toBe(leader);
  },
  180_000,
);

natsTest(
  'one alone has what it stored when it is started again',
  async () => {
    nats = await startNats({ servers: 1, syncAlways: true });
    connection = await clientOf(nats.urls);
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: STREAM, subjects: ['log.>'] });
    const stream = jetstream(connection, { timeout: 2_000 });
    expect(await say(stream, 'one', 0)).toBe(1);
    expect(await nats.leaderOf(STREAM)).toBe(0);
    for (const end of [nats.kill, nats.stop]) {
      await end.call(nats, 0);
      await nats.restart(0);
      await nats.ready();
      expect(await eventually('the message is there', PATIENCE_MS, () => lastSaid(stream))).toEqual({
        seq: 1,
        text: 'one',
      });
    }
  },
  120_000,
);
