// A room that was known as protected, or has to be, and stands open: the client stops before it has said anything.

import { describe, expect, test } from 'vitest';
import { error, type Line, live, message, type ScriptedPeer, welcome } from './scripted-server.ts';
import { startLive, startSession } from './start-session.ts';

/** A server of before does not know the field, one of today refuses; and one that only closes refuses too. */
const ANSWERS: readonly [string, (peer: ScriptedPeer) => void][] = [
  ['an old server lets it in', (peer) => peer.send(welcome({ seq: 1, created: true }), message(1), live(1))],
  ['the server says unprotected', (peer) => peer.send(error('unprotected'))],
  ['the connection is closed with 4412', (peer) => peer.close(4412)],
];

const isDemand = (join: Line): boolean => join.protected === true;

test('who was asked for a password and gave none knows the room as protected too', async () => {
  const { server, session, recorder } = await startSession({ askPassword: async () => undefined });
  (await server.accept()).send(error('password_required'));
  await recorder.until('ended password');
  session.say('secret');
  session.start();
  const again = await server.accept();
  expect(isDemand(await again.next('join'))).toBe(true);
  again.send(welcome(), live(0));
  await recorder.until('ended unprotected');
  await again.closed;
  expect(again.frames).toHaveLength(1);
});

describe.each(ANSWERS)('where %s', (_, answer) => {
  test('who was in the protected room stops, keeps what is pending, and has said nothing', async () => {
    const { session, recorder, peer, comeBack } = await startLive({}, { protected: true });
    const sent = session.say('under way');
    await peer.next('say');
    peer.cut();
    await recorder.until('lost 1500');
    const waiting = session.say('typed meanwhile');
    const second = await comeBack();
    expect(isDemand(await second.next('join'))).toBe(true);
    answer(second);
    await recorder.until('ended unprotected');
    expect(recorder.end?.message).toMatch(/no password/);
    expect(session.left).toEqual([
      { ref: sent, text: 'under way', sent: true },
      { ref: waiting, text: 'typed meanwhile', sent: false },
    ]);
    expect(session.pending).toBe(2);
    await second.closed;
    expect(second.frames).toHaveLength(1);
    expect(recorder.shown).toEqual([]);
    expect(recorder.events.filter((event) => /^(joined|resumed|live)/.test(event))).toEqual(['joined bob', 'live 0']);
  });

  test('who has to have it protected stops at the first join', async () => {
    const { server, session, recorder } = await startSession({ password: 'p', protectedOnly: true, speaker: true });
    session.say('secret');
    const peer = await server.accept();
    expect(await peer.next('join')).toMatchObject({ protected: true, password: 'p' });
    answer(peer);
    await recorder.until('ended unprotected');
    await peer.closed;
    expect(peer.frames).toHaveLength(1);
    expect(session.pending).toBe(1);
  });
});

test('who was asked for a password knows the room as protected before the first welcome', async () => {
  const { server, recorder } = await startSession({ askPassword: () => Promise.resolve('p') });
  const first = await server.accept();
  expect(isDemand(await first.next('join'))).toBe(false);
  first.send(error('password_required'));
  const second = await server.accept();
  expect(await second.next('join')).toMatchObject({ password: 'p', protected: true });
  second.send(welcome());
  await recorder.until('ended unprotected');
});

test.each(['resume_invalid', 'epoch_changed'])('%s makes nobody forget it', async (code) => {
  const { recorder, peer, comeBack } = await startLive({}, { protected: true });
  peer.cut();
  await recorder.until('lost 1500');
  const second = await comeBack();
  await second.next('join');
  second.send(error(code), welcome({ id: 'new', epoch: 'e2', protected: true }));
  await recorder.until('joined bob', 2);
  second.cut();
  await recorder.until('lost 3000');
  const third = await comeBack();
  expect(isDemand(await third.next('join'))).toBe(true);
  third.send(welcome({ id: 'new', epoch: 'e3' }));
  await recorder.until('ended unprotected');
});

test('a room that was open all along stays so, whatever password was given', async () => {
  const { session, recorder, peer, comeBack } = await startLive({ password: 'p' });
  peer.cut();
  await recorder.until('lost 1500');
  const again = await comeBack();
  expect(isDemand(await again.next('join'))).toBe(false);
  again.send(welcome(), live(0));
  await recorder.until('live 0', 2);
  session.say('hello');
  await again.next('say');
});
