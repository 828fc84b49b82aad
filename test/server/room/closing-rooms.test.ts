// Logs that wait for their last sync still have their descriptors: no room is opened beside more than a few of them.

import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { GatedSync } from '../../support/gated-sync.ts';
import { startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

it('on a disk that stands still, rooms wait for those before them to be closed, and then come', async () => {
  const gate = new GatedSync();
  const logs = new Set<number>();
  let most = 0;
  const fs: typeof gate.fs = {
    ...gate.fs,
    open: (path, ...rest) => {
      const fd = gate.fs.open(path, ...rest);
      if (path.endsWith('log.ndjson')) logs.add(fd);
      most = Math.max(most, logs.size);
      return fd;
    },
    close: (fd) => {
      logs.delete(fd);
      gate.fs.close(fd);
    },
  };
  const server = await startLocalServer({ fs, limits: { openRooms: 1, absence: 0 } });
  const visits = (async () => {
    for (let i = 0; i < 12; i++) {
      const { client } = await WireClient.join(server, `room-${i}`, { nick: 'ann' });
      await client.say('first');
      await client.leave();
    }
  })();
  // As long as it takes to be wrong; to look too early can only hide it.
  await Promise.race([visits, pause(1_500)]);
  gate.open();
  await visits;
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(1 + 4);
  await server.stop();
});
