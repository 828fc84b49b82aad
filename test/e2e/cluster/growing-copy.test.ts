// A node's copy of a room: it is served while it is still being fetched, and its bounds are those of a log of its own.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { hasNatsServer, type Nats, startNats } from '../../support/nats.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const LINES = 1_500;
const LONG = 'x'.repeat(16_000);
/** So much of it comes, and then nothing. */
const PASSED = 6 * 1024 * 1024;

let nats: Nats;

async function startNode(url: string, ...args: string[]): Promise<ServerProcess> {
  const node = await startServer({ args: ['--nats', url, ...args] });
  onTestFinished(async () => {
    await node.stop('SIGKILL');
  });
  return node;
}

describe.skipIf(!hasNatsServer())('the copy of a room', () => {
  beforeAll(async () => {
    nats = await startNats({ servers: 1 });
  }, 120_000);

  afterAll(() => nats.end());

  it('is read while it grows; `live`, and whoever asks for its end, wait until it is whole', async () => {
    const [url = ''] = nats.urls;
    const a = await startNode(url, '--node', 'a');
    const { client: ann } = await WireClient.join(a, 'long', { nick: 'ann' });
    for (let i = 1; i <= LINES; i++) ann.send({ type: 'say', text: `${i} ${LONG}`, ref: `r${i}` });
    await ann.count('message', LINES);

    let isHeld = true;
    const proxy = await FaultProxy.open(Number(new URL(url).port), () =>
      isHeld ? { kind: 'vanish', direction: 'down', after: PASSED } : undefined,
    );
    onTestFinished(() => proxy.close());
    const b = await startNode(`nats://127.0.0.1:${proxy.port}`, '--node', 'b');
    const bob = await WireClient.open(b, 'long');
    bob.send({ type: 'join', nick: 'bob' });
    const welcome = await bob.next('welcome');
    expect(welcome.seq).toBeLessThan(LINES);
    await bob.next('message');
    expect(bob.of('live')).toEqual([]);
    const cid = await WireClient.open(b, 'long');
    cid.send({ type: 'join', nick: 'cid', last: 10 });
    bob.send({ type: 'say', text: 'from b', ref: 'b1' });

    isHeld = false;
    await bob.said('from b');
    await bob.next('live');
    expect(bob.of('message').map(({ seq }) => seq)).toEqual(Array.from({ length: LINES + 1 }, (_, i) => i + 1));
    expect((await cid.next('welcome')).after).toBeGreaterThanOrEqual(LINES - 10);
    await ann.said('from b');
    expect(ann.of('message')).toHaveLength(LINES + 1);
    // What was said before it was opened here is no news on the console.
    expect(b.output().match(/<ann>/g)).toBeNull();
    expect(b.output().match(/<bob> from b/g)).toHaveLength(1);
  });

  it('takes no more than --max-room-size, whoever has filled it', async () => {
    const [url = ''] = nats.urls;
    const a = await startNode(url, '--node', 'a', '--max-room-size', '4K');
    const b = await startNode(url, '--node', 'b', '--max-room-size', '4K');
    const { client: ann } = await WireClient.join(a, 'small', { nick: 'ann' });
    const { client: bob } = await WireClient.join(b, 'small', { nick: 'bob' });
    await ann.say('y'.repeat(3_900), 'r1');
    await bob.said('y'.repeat(3_900));
    for (const client of [ann, bob]) {
      client.send({ type: 'say', text: 'z'.repeat(200), ref: 'r2' });
      expect(await client.next('error')).toMatchObject({ code: 'not_saved', ref: 'r2' });
    }
  });
});
