import { expect, onTestFinished, test } from 'vitest';
import { startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

test('answers over the output limit make a client wait that reads them, and do not forget it', async () => {
  const server = await startLocalServer({ limits: { output: 4_096 } });
  onTestFinished(() => server.stop());
  const { client } = await WireClient.join(server, 'lobby', { nick: 'n'.repeat(32) });
  // One frame, whose answers are together far over what may wait for a member.
  const asked = 4_000;
  client.send(...Array.from({ length: asked }, () => ({ type: 'who' })));
  await client.count('members', asked);
  await client.fence();
  expect(client.of('members')).toHaveLength(asked);
});
