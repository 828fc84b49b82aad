// Answers cost more than questions: a client that asks for much and reads little is made to wait, not kept in memory.

import { expect, onTestFinished, test } from 'vitest';
import { direct } from '../../../src/server/admin/speech.ts';
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

test('a client that asks and does not read is not answered beyond the limit', async () => {
  const server = await startLocalServer();
  onTestFinished(() => server.stop());
  const { client: reader } = await WireClient.join(server, 'lobby', { nick: 'reader' });
  // A crowd, so that each answer is long.
  for (let i = 0; i < 40; i += 1) await WireClient.join(server, 'lobby', { nick: `${i}-${'x'.repeat(28)}` });
  const { client: greedy, welcome } = await WireClient.join(server, 'lobby', { nick: 'greedy' });
  greedy.socket.pause();
  const commands = [
    ...Array.from({ length: 1_000 }, () => ({ type: 'who' })),
    ...Array.from({ length: 200 }, (_, i) => ({ type: 'nick', nick: `greedy${i}` })),
    ...Array.from({ length: 200 }, () => ({ type: 'nick', nick: 'reader' })),
  ];
  // Far more answers than a socket and its kernel take.
  for (let i = 0; i < 6; i += 1) for (const part of chunks(commands, 500)) greedy.send(...part);
  const [session] = server.chat.clients.byPrefix(welcome.id);
  const limit = server.chat.limits.output + 64 * 1024;
  let isRefused = false;
  for (let i = 0; i < 2_000 && !isRefused; i += 1) {
    await reader.fence();
    isRefused = session !== undefined && !direct(server.chat, session, 'x'.repeat(1_000));
    expect(session?.bufferedBytes).toBeLessThan(limit);
  }
  // A word of the server's own is refused as well, and not kept.
  expect(isRefused).toBe(true);
  await reader.say('still here');
  await reader.fence();
  expect(session?.bufferedBytes).toBeLessThan(limit);
  // When it reads again it gets all of its answers.
  greedy.socket.resume();
  await greedy.fence();
  expect(greedy.of('members')).toHaveLength(6 * 1_000);
});

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
