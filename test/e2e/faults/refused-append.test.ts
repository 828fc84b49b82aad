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

test('a batch that is still to be synced is told, though the one after it could not even be cut off', async () => {
  let letSync = () => {};
  const held = new Promise<void>((resolve) => {
    letSync = resolve;
  });
  const faults: Faults = { syncData: () => held };
  const server = await startLocalServer({ sync: 'always', fs: failingFileSystem(faults) });
  onTestFinished(() => server.stop());
  const { client: author, welcome } = await WireClient.join(server, 'lobby');
  const { client: other } = await WireClient.join(server, 'lobby', { nick: 'other' });
  for (const text of ['in the first sync', 'in the second']) {
    author.send({ type: 'say', text });
    // A batch is appended at the end of its turn: the second answer comes after that.
    await author.fence();
    await author.fence();
  }
  faults.write = (length) => {
    faults.write = () => {
      throw systemError('EIO');
    };
    return Math.floor(length / 2);
  };
  faults.truncate = () => {
    throw systemError('EIO');
  };
  author.send({ type: 'say', text: 'uncertain', ref: 'u' });
  // Not `not_saved`, which would be a promise: the author comes back, and the replay decides.
  expect(await author.closed).toMatchObject({ code: 1011 });
  expect(author.of('error')).toEqual([]);
  faults.write = undefined;
  faults.truncate = undefined;
  letSync();
  await other.said('in the second');
  const resume = { id: welcome.id, key: welcome.key, attempt: 1 };
  const { client: back } = await WireClient.join(server, 'lobby', { resume });
  await back.say('after');
  await other.said('after');
  const texts = ['in the first sync', 'in the second', 'after'];
  for (const client of [back, other]) expect(client.of('message').map(({ text }) => text)).toEqual(texts);
});

test('a batch that was neither refused nor cut off is told as saved where the next start finds it', async () => {
  const data = await mkdtemp(join(tmpdir(), 'roomchat-refused-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const faults: Faults = {};
  const server = await startLocalServer({ data, fs: failingFileSystem(faults) });
  const { client: author, welcome } = await WireClient.join(server, 'lobby');
  const { client: admin } = await WireClient.join(server, 'lobby', { nick: 'admin' });
  await author.say('kept');
  let written = 0;
  // The first line is whole, the rest is not there.
  const whole = Buffer.byteLength(author.raw.find((line) => line.includes('kept')) ?? '');
  faults.write = (length) => {
    if (written > 0) throw systemError('EIO');
    written = Math.min(length, whole + 20);
    return written;
  };
  faults.truncate = () => {
    throw systemError('EIO');
  };
  author.send({ type: 'say', text: 'both' }, { type: 'say', text: 'gone' });
  expect(await author.closed).toMatchObject({ code: 1011 });
  await admin.fence();
  expect(admin.of('message').map(({ text }) => text)).toEqual(['kept']);
  await server.stop();
  faults.write = undefined;
  faults.truncate = undefined;

  const again = await startLocalServer({ data });
  onTestFinished(() => again.stop());
  const resume = { id: welcome.id, key: welcome.key, attempt: 1 };
  const { client: back } = await WireClient.join(again, 'lobby', { resume, since: 1, epoch: welcome.epoch });
  expect(back.of('message').map(({ text, id }) => [text, id])).toEqual([['both', welcome.id]]);
});

test('a disk that fails to be read is no damage: whoever reads is ended with 1011, and gets all when it comes back', async () => {
  const faults: Faults = {};
  const server = await startLocalServer({ fs: failingFileSystem(faults) });
  onTestFinished(() => server.stop());
  const { client: author } = await WireClient.join(server, 'lobby');
  for (let i = 0; i < 20; i += 1) await author.say(`${i} ${'x'.repeat(8_000)}`);
  // In the background for a long history, in the turn for its rest and for a search.
  for (const start of [{}, { last: 2 }, { since: 10 }]) {
    faults.read = () => {
      throw systemError('EIO');
    };
    const reader = await WireClient.open(server, 'lobby');
    reader.send({ type: 'join', ...start });
    expect(await reader.closed).toMatchObject({ code: 1011 });
    expect(reader.of('error')).toEqual([]);
    faults.read = undefined;
    await WireClient.join(server, 'lobby', start);
  }
  await author.say('goes on');
});
