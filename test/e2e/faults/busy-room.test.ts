// A room in which resuming, joining and sending meet: everybody gets each line once, and `live` in good time.

import { expect, onTestFinished, test } from 'vitest';
import { GatedSync } from '../../support/gated-sync.ts';
import { startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';
import { busyRoom } from './busy-room-replay.ts';

test('who joins a busy room or comes back to it is live while the others speak, and gets each line once', async () => {
  const { counted, violations } = await busyRoom({ rounds: 4, seed: 1 });
  expect(violations).toEqual([]);
  expect(counted.messages).toBeGreaterThan(500);
});

test('a joiner that waits for one batch gets the others of the same sync once', async () => {
  const gate = new GatedSync();
  const server = await startLocalServer({ sync: 'always', fs: gate.fs });
  onTestFinished(() => {
    gate.open();
    return server.stop();
  });
  const { client: author } = await WireClient.join(server, 'lobby');
  const say = async (text: string) => {
    author.send({ type: 'say', text });
    await author.fence();
  };
  await say('one');
  const first = await gate.next();
  await say('two');
  const joiner = await WireClient.open(server, 'lobby');
  joiner.send({ type: 'join' });
  await joiner.next('welcome');
  await say('three');
  // Its end is the beginning of one that covers two batches, of which the joiner waits for the first.
  first();
  (await gate.next())();
  const live = await joiner.next('live');
  await joiner.fence();
  expect(joiner.of('message').map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  const shown = joiner.of('message').map(({ seq }) => seq);
  expect(live.seq).toBe(shown.at(-1));
});
