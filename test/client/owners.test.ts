// A session of an owner: where its key comes from, and whom its commands are about.

import { expect, test } from 'vitest';
import type { OwnerKeyStore } from '../../src/client/index.ts';
import { live, message, welcome } from './scripted-server.ts';
import { startLive, startSession } from './start-session.ts';

class MemoryKey implements OwnerKeyStore {
  key: string | undefined;

  read(): string | undefined {
    return this.key;
  }

  write(key: string): void {
    this.key = key;
  }
}

test('the key of a room that it made is kept, given with every join, and never shown', async () => {
  const ownerKeys = new MemoryKey();
  const { server, session, recorder, comeBack } = await startSession({ ownerKeys });
  const peer = await server.accept();
  expect((await peer.next('join')).owner).toBeUndefined();
  peer.send(welcome({ created: true, owner: 'key-1' }), live(0));
  await recorder.until('live 0');
  expect(ownerKeys.key).toBe('key-1');
  expect(session.ownerKey).toBe('key-1');
  expect(recorder.raw.join('')).not.toContain('key-1');
  peer.cut();
  await recorder.until('lost 1500');
  const again = await comeBack();
  expect((await again.next('join')).owner).toBe('key-1');
  // A server that does not know it may be another one: the key stays.
  again.send(welcome(), live(0));
  await recorder.until('live 0', 2);
  expect(session.ownerKey).toBeUndefined();
  expect(ownerKeys.key).toBe('key-1');
});

test('a key that somebody else has given is kept once the server takes it', async () => {
  const ownerKeys = new MemoryKey();
  const { server, session, recorder } = await startLive({ ownerKeys });
  for (const [key, answer] of [
    ['wrong', {}],
    ['right', { owner: 'right' }],
  ] as const) {
    expect(session.becomeOwner(key)).toBe(true);
    const again = await server.accept();
    expect(await again.next('join')).toMatchObject({ owner: key, last: 0 });
    again.send(welcome(answer), live(0));
    await recorder.until('live 0', key === 'wrong' ? 2 : 3);
    expect(ownerKeys.key).toBe(key === 'right' ? key : undefined);
  }
  expect(session.ownerKey).toBe('right');
});

test('who is no owner is told so, and nothing is sent, which an older server would not know', async () => {
  const { session, peer, recorder } = await startLive();
  expect(session.act({ type: 'kick', nick: 'bob' })).toBe(true);
  await recorder.until('trouble not_owner');
  session.who();
  await peer.next('who');
});

test('what it wants done is done to whom it has seen, else to whoever has the nick', async () => {
  const { session, peer, recorder } = await startLive({}, { owner: 'key' });
  peer.send(message(1, { id: 'id-of-bob', nick: 'Bob' }));
  peer.send({ type: 'renamed', at: 0, id: 'id-of-eve', nick: 'eva', was: 'eve' });
  await recorder.until('line renamed');
  session.act({ type: 'kick', nick: 'BOB' });
  expect(await peer.next('kick')).toEqual({ type: 'kick', id: 'id-of-bob' });
  session.act({ type: 'mute', nick: 'zoe', for: 1 });
  expect(await peer.next('mute')).toEqual({ type: 'mute', nick: 'zoe', for: 1 });
  // A ban knows the nick of then.
  session.act({ type: 'unban', nick: 'bob' });
  expect(await peer.next('unban')).toEqual({ type: 'unban', nick: 'bob' });
  peer.send({ type: 'joined', at: 0, id: 'id-of-another', nick: 'bob' });
  await recorder.until('line joined');
  session.act({ type: 'ban', nick: 'bob' });
  expect(await peer.next('ban')).toEqual({ type: 'ban', id: 'id-of-another' });
  // Others have come and gone unnamed.
  peer.send({ type: 'crowd', at: 0, joined: 9, left: 9, present: 9 });
  await recorder.until('line crowd');
  session.act({ type: 'ban', nick: 'bob' });
  expect(await peer.next('ban')).toEqual({ type: 'ban', nick: 'bob' });
});
