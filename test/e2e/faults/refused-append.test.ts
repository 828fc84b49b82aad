// Save, then tell: what the log did not take, nobody has seen, and the authors learn of it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Faults, failingFileSystem, systemError } from '../../log/failing-file-system.ts';
import { startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

test.each(['nothing', 'half'] as const)('nobody is told what a write lost that took %s of it', async (taken) => {
  const data = await mkdtemp(join(tmpdir(), 'roomchat-refused-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const faults: Faults = {};
  const server = await startLocalServer({ data, fs: failingFileSystem(faults) });
  const { client: author } = await WireClient.join(server, 'lobby', { nick: 'author' });
  const { client: other } = await WireClient.join(server, 'lobby', { nick: 'other' });
  const { client: speaker } = await WireClient.join(server, 'lobby', { nick: 'speaker', as: 'speaker' });
  await author.say('kept', 'k');

  let calls = 0;
  faults.write = (length) => {
    calls += 1;
    if (taken === 'nothing' || calls % 2 === 0) throw systemError('ENOSPC');
    return Math.floor(length / 2);
  };
  author.send({ type: 'say', text: 'lost', ref: 'a' }, { type: 'say', text: 'lost too', ref: 'b' });
  speaker.send({ type: 'say', text: 'lost as well', ref: 'c' });
  const refused = [await author.next('error'), await author.next('error'), await speaker.next('error')];
  expect(refused.map(({ code, ref }) => `${code} ${ref}`)).toEqual(['not_saved a', 'not_saved b', 'not_saved c']);
  // Whoever joins meanwhile is not kept waiting for what was refused.
  const { live } = await WireClient.join(server, 'lobby', { nick: 'late' });
  faults.write = undefined;
  const next = await author.say('next', 'n');
  await other.said('next');
  await other.fence();
  for (const client of [author, other]) expect(client.of('message').map(({ text }) => text)).toEqual(['kept', 'next']);
  expect(live.seq).toBeLessThan(next.seq);
  await server.stop();

  const again = await startLocalServer({ data });
  onTestFinished(() => again.stop());
  const { client: reader } = await WireClient.join(again, 'lobby');
  expect(reader.of('message').map(({ text }) => text)).toEqual(['kept', 'next']);
});
