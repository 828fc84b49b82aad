// A peer that is gone without a word is noticed, and a quiet one that lives is not taken for it.

import { expect, onTestFinished, test } from 'vitest';
import { BentClock } from '../../support/bent-clock.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

test('a peer that vanishes is gone from who within 40 s', async () => {
  const clock = new BentClock();
  const server = await startLocalServer({ clock });
  const proxy = await FaultProxy.open(server.port, () => undefined);
  onTestFinished(async () => {
    await proxy.close();
    await server.stop();
  });
  const { client: watcher } = await WireClient.join(server, 'lobby', { nick: 'watcher' });
  await WireClient.join(server, 'lobby', { nick: 'quiet' });
  await WireClient.join(proxy, 'lobby', { nick: 'ghost' });
  const present = async () => {
    watcher.send({ type: 'who' });
    return (await watcher.next('members')).members.map(({ nick }) => nick);
  };
  proxy.strike('vanish');
  let seconds = 0;
  for (let who = await present(); who.includes('ghost'); who = await present()) {
    // The answer to `who` gives the others' pongs the time that they take.
    clock.advance(1_000);
    seconds += 1;
    expect(seconds).toBeLessThanOrEqual(40);
  }
  expect(seconds).toBeGreaterThan(25);
  for (let more = 0; more < 40; more += 1) {
    clock.advance(1_000);
    expect(await present()).toEqual(['watcher', 'quiet']);
  }
});
