// A stop in the middle of something that takes long is a stop like any other.

import { expect, test } from 'vitest';
import { broadcast } from '../../../src/server/admin/speech.ts';
import { ControlClient } from '../../support/control-client.ts';
import { startLocalServer } from '../../support/local-server.ts';
import { startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

test.each(['always', 'interval'])('%s: a server that is stopped while it tells all rooms ends with 0', async (sync) => {
  const server = await startServer({ args: ['--sync', sync] });
  const members = await Promise.all(Array.from({ length: 150 }, (_, i) => WireClient.join(server, `room-${i}`)));
  const admin = await ControlClient.open(server, await server.adminToken());
  admin.sendRaw(JSON.stringify({ type: 'broadcast', ref: 1, room: '*', text: 'stopping' }));
  // Somewhere in the middle.
  await Promise.race(members.slice(5).map(({ client }) => client.next('notice')));
  const exitCode = await server.stop('SIGTERM');
  expect({
    exitCode,
    output: server
      .output()
      .split('\n')
      .filter((line) => line.includes('error')),
  }).toEqual({
    exitCode: 0,
    output: [],
  });
  expect(server.output()).toContain('stopped');
});

test('no room is opened once the others are closed: its folder may be another server’s by then', async () => {
  const server = await startLocalServer();
  const { client } = await WireClient.join(server, 'lobby');
  await client.say('hi');
  const closing = server.chat.rooms.closeAll();
  const tooLate = expect(broadcast(server.chat, 'lobby', 'too late')).rejects.toMatchObject({ code: 'going_away' });
  await closing;
  await tooLate;
  await expect(broadcast(server.chat, 'lobby', 'far too late')).rejects.toMatchObject({ code: 'going_away' });
  await server.stop();
});
