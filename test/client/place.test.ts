// A program that keeps how far it has read, and goes on there when it is started again.

import { expect, test } from 'vitest';
import type { RoomSessionOptions } from '../../src/client/index.ts';
import { RoomSession } from '../../src/client/index.ts';
import { dialRoom } from '../../src/library/index.ts';
import { Recorder } from './recorder.ts';
import { error, live, message, ScriptedServer, welcome } from './scripted-server.ts';
import { startLive, startSession } from './start-session.ts';

const FROM = { epoch: 'e', seq: 7, at: 700 };

test('it is the last line that was handled, with its log and its time', async () => {
  const places: unknown[] = [];
  class Places extends Recorder {
    override line(...args: Parameters<Recorder['line']>): void {
      super.line(...args);
      places.push(session.place);
    }
  }
  const { server, session, recorder } = await startSession({}, new Places());
  expect(session.place).toBeUndefined();
  const peer = await server.accept();
  peer.send(welcome({ epoch: 'e', seq: 4, after: 3 }), message(4, { at: 400 }), live(4));
  await recorder.until('live 1');
  expect(places).toEqual([3, 4, 4].map((seq) => expect.objectContaining({ epoch: 'e', seq })));
  expect(session.place).toEqual({ epoch: 'e', seq: 4, at: 400 });
});

test('`from` reads on after it, whatever `last` says, and shows nothing twice', async () => {
  const { server, recorder } = await startSession({ from: FROM, last: 2 });
  const peer = await server.accept();
  expect(await peer.next('join')).toMatchObject({ since: 7, sinceAt: 700, epoch: 'e' });
  peer.send(welcome({ epoch: 'e', seq: 8, after: 7 }), message(7), message(8), live(8));
  await recorder.until('live 1');
  expect(recorder.shown).toEqual([expect.stringMatching(/^8 /)]);
});

test('where the log is another one, that is read from its beginning', async () => {
  const { server, session, recorder } = await startSession({ from: FROM });
  const peer = await server.accept();
  peer.send(error('epoch_changed'), welcome({ epoch: 'f', seq: 1, after: 0 }), message(1), live(1));
  await recorder.until('live 1');
  expect(session.place).toMatchObject({ epoch: 'f', seq: 1 });
});

test.each([
  ['with a place', { from: FROM }],
  ['without one', {}],
])(
  'a speaker that is no longer known does not say again what it may have said before its restart, %s',
  async (_how, more: Partial<RoomSessionOptions>) => {
    const saved = { identity: { id: 'me', key: 'k' }, outbox: [{ ref: 'r', text: 'once', under: 'me' }] };
    const store = { read: () => JSON.stringify(saved), write() {} };
    const { server, session, recorder } = await startSession({ speaker: true, store, ...more });
    const peer = await server.accept();
    await peer.next('join');
    peer.send(error('resume_invalid'), welcome({ epoch: 'e', id: 'new', seq: 9, after: 9 }), live(9));
    await recorder.until('live 0');
    expect(recorder.events).toContain('refused r uncertain');
    expect(session.pending).toBe(0);
  },
);

test('an observer may be any part of one: what nobody hears of happens all the same', async () => {
  const server = await ScriptedServer.open();
  const refs: string[] = [];
  const session = new RoomSession({ dial: dialRoom(server.url) }, { receipt: (ref) => refs.push(ref) });
  session.start();
  const peer = await server.accept();
  peer.send(welcome({ id: 'me', nick: 'bob' }), live(0), { type: 'renamed', at: 1, id: 'me', nick: 'rob', was: 'bob' });
  const ref = session.say('hi');
  await peer.next('join');
  await peer.next('say');
  peer.send(message(1, { id: 'me', text: 'hi', ref }));
  await expect.poll(() => refs).toEqual([ref]);
  expect(session.nick).toBe('rob');
  session.leave();
  await server.close();
});

test('`place` moves on over a lost connection as well', async () => {
  const { session, recorder, peer, comeBack } = await startLive();
  peer.send(message(1));
  await recorder.until('seq 1');
  peer.cut();
  await recorder.until('lost 1500');
  const again = await comeBack();
  again.send(welcome({ after: 1, seq: 2 }), message(2), live(2));
  await recorder.until('seq 2');
  expect(session.place).toMatchObject({ seq: 2 });
});
