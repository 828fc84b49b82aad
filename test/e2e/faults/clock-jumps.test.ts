// The wall clock only stamps lines: whoever sets it ends no wait early, and holds none up.

import { expect, onTestFinished, test } from 'vitest';
import { BentClock } from '../../support/bent-clock.ts';
import { startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

const THREE_DAYS = 3 * 24 * 3600 * 1000;

test.each([THREE_DAYS, -THREE_DAYS])('a jump by %i ms moves the stamps and nothing else', async (jump) => {
  const clock = new BentClock();
  const server = await startLocalServer({ clock });
  onTestFinished(() => server.stop());
  const { client: watcher } = await WireClient.join(server, 'lobby', { nick: 'watcher' });
  const { client: dropped } = await WireClient.join(server, 'lobby', { nick: 'dropped' });
  const silent = await WireClient.open(server, 'lobby');
  const before = await watcher.say('before');
  await dropped.drop();
  await watcher.fence();

  clock.jump(jump);
  clock.advance(5_000);
  const after = await watcher.say('after');
  await watcher.fence();
  expect(after.seq).toBeGreaterThan(before.seq);
  expect(after.at - before.at).toBe(jump + 5_000);
  expect(watcher.of('left')).toEqual([]);
  expect(silent.socket.readyState).toBe(silent.socket.OPEN);

  clock.advance(6_000);
  expect((await watcher.next('left')).nick).toBe('dropped');
  expect((await silent.closed).code).toBe(4408);
});
