// The machine goes down under a server: what its clients have seen is there, or the numbers of what is not are gone too.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PowerLoss } from '../../log/power-loss.ts';
import { startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

/** A server whose machine can go down: `cut` answers the folder with what is left. */
async function doomedServer(sync: 'always' | 'interval') {
  const root = await mkdtemp(join(tmpdir(), 'roomchat-power-'));
  const power = new PowerLoss();
  const data = join(root, 'data');
  const server = await startLocalServer({ data, sync, fs: power.fs, bootId: 'one' });
  onTestFinished(async () => {
    await server.stop();
    await rm(root, { recursive: true, force: true });
  });
  const cut = () => {
    const left = join(root, 'left');
    power.leave(data, left);
    return left;
  };
  return { server, cut };
}

async function nextBoot(data: string) {
  const server = await startLocalServer({ data, bootId: 'two' });
  onTestFinished(() => server.stop());
  return server;
}

test('always: a room, its password and all that was told outlive the machine', async () => {
  const { server, cut } = await doomedServer('always');
  const { client } = await WireClient.join(server, 'lobby', { password: 'secret' });
  for (let i = 0; i < 20; i += 1) await client.say(`message ${i}`);
  const told = client.of('message');
  const again = await nextBoot(cut());
  const refused = await WireClient.open(again, 'lobby');
  refused.send({ type: 'join' });
  expect((await refused.next('error')).code).toBe('password_required');
  const { client: reader } = await WireClient.join(again, 'lobby', { password: 'secret' });
  expect(reader.of('message')).toEqual(told);
  expect((await reader.say('after')).seq).toBeGreaterThan(told.at(-1)?.seq ?? 0);
});

test('interval: who had seen what is lost reads on without a gap, and no number is given twice', async () => {
  const { server, cut } = await doomedServer('interval');
  const { client, welcome } = await WireClient.join(server, 'lobby');
  for (let i = 0; i < 5; i += 1) await client.say(`message ${i}`);
  const last = client.of('message').at(-1)?.seq ?? 0;
  // Not one background sync has returned yet, or one has: both are what may be left.
  const again = await nextBoot(cut());
  const { id, key, epoch } = welcome;
  const { client: back, welcome: second } = await WireClient.join(again, 'lobby', {
    since: last,
    epoch,
    resume: { id, key, attempt: 1 },
  });
  expect(second.id).toBe(id);
  expect(back.of('message')).toEqual([]);
  expect((await back.say('after')).seq).toBeGreaterThan(last);
});
