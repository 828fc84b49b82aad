// A flood of pings or pongs is answered with back-pressure: slowed, not refused, and not at others' cost. Nobody is
// exempt, loopback neither.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** What comes at once is let pass, so that honest peers' bursts cost nothing; above it there are 20 a second. */
const BURST = 100;
const A_SECOND = 20;

it.each(['ping', 'pong'] as const)('more than 20 %ss a second slow their sender alone', async (kind) => {
  const room = freshRoom();
  const { client: flood } = await WireClient.join(server, room);
  const { client: calm } = await WireClient.join(server, room);
  let pongs = 0;
  flood.socket.on('pong', () => pongs++);
  const began = performance.now();
  for (let i = 0; i < BURST + A_SECOND; i++) flood.socket[kind](String(i));
  flood.send({ type: 'say', text: 'behind the flood' });
  await calm.say('meanwhile');
  await calm.said('behind the flood');
  // The whole of the second that the frames above the burst take, but for what a timer may be early.
  expect(performance.now() - began).toBeGreaterThan(900);
  await flood.said('behind the flood');
  if (kind === 'ping') expect(pongs).toBe(BURST + A_SECOND);
  expect(flood.of('error')).toEqual([]);
});

it('a burst is not slowed into silence: what comes after it is handled', async () => {
  const { client } = await WireClient.join(server, freshRoom());
  for (let i = 0; i < BURST - 1; i++) client.socket.ping();
  await client.say('right behind');
});
