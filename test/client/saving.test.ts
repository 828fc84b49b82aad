// A session that is written down: what goes on after a reload, and what does not.

import { describe, expect, test } from 'vitest';
import type { RoomSessionOptions, SessionStore } from '../../src/client/index.ts';
import { Recorder } from './recorder.ts';
import { error, live, message, type ScriptedServer, welcome } from './scripted-server.ts';
import { startLive, startSession } from './start-session.ts';

class MemoryStore implements SessionStore {
  text: string | undefined;

  read(): string | undefined {
    return this.text;
  }

  write(saved: string): void {
    this.text = saved;
  }
}

/** What another program finds in the store, at the same server. The first one says nothing any more. */
const reload = (server: ScriptedServer, store: SessionStore, options: Partial<RoomSessionOptions> = {}) =>
  startSession({ store, ...options }, new Recorder(), server);

describe('after a reload', () => {
  test('it is the same client, which sends again what the room does not have, and nothing else', async () => {
    const store = new MemoryStore();
    const { server, session, peer } = await startLive({ store, last: 9 });
    const [one, two] = ['one', 'two'].map((text) => session.say(text));
    await peer.says(2);
    const second = await reload(server, store, { last: 9 });
    const waiting = second.session.say('three');
    expect(second.session.left).toEqual([
      { ref: one, text: 'one', sent: true },
      { ref: two, text: 'two', sent: true },
      { ref: waiting, text: 'three', sent: false },
    ]);
    const again = await server.accept();
    // All of the past: it has to tell what was saved.
    const join = await again.next('join');
    expect(join).toEqual({ type: 'join', nick: 'bob', resume: { id: 'me', key: 'k', attempt: 1 }, claim: join.claim });
    again.send(welcome({ seq: 1 }), message(1, { id: 'me', text: 'one', ref: one }), live(1));
    const [sent, rest] = await again.says(2);
    expect(sent).toEqual({ type: 'say', text: 'two', ref: two });
    expect(rest).toEqual({ type: 'say', text: 'three', ref: waiting });
    expect(second.recorder.shown).toEqual(['1 one (own)']);
    expect(second.recorder.events).toContain('resumed bob');
    expect(new Set([one, two, waiting]).size).toBe(3);
  });

  test('nothing that was sent and struck or refused is there any more', async () => {
    const store = new MemoryStore();
    const { server, session, recorder, peer } = await startLive({ store, last: 9 });
    const [one, two] = ['one', 'two'].map((text) => session.say(text));
    await peer.says(2);
    peer.send(message(1, { id: 'me', text: 'one', ref: one }), error('not_saved', { ref: two }));
    await recorder.until(`refused ${two} not_saved`);
    const second = await reload(server, store, { last: 9 });
    expect(second.session.pending).toBe(0);
    expect(await (await server.accept()).next('join')).toMatchObject({ last: 9 });
  });

  test('the attempt has risen, although nothing had answered the one before', async () => {
    const store = new MemoryStore();
    const { server } = await startLive({ store });
    for (const attempt of [1, 2]) {
      await reload(server, store);
      expect(await (await server.accept()).next('join')).toMatchObject({ resume: { id: 'me', attempt } });
    }
  });

  test('it makes the same claim until it has a welcome, and another one then', async () => {
    const store = new MemoryStore();
    const { server } = await startSession({ store });
    const { claim } = await (await server.accept()).next('join');
    expect(claim).toMatch(/^[0-9a-f]{32}$/);
    const second = await reload(server, store);
    const peer = await server.accept();
    expect((await peer.next('join')).claim).toBe(claim);
    peer.send(welcome());
    await second.recorder.until('joined bob');
    await reload(server, store);
    expect((await (await server.accept()).next('join')).claim).not.toBe(claim);
  });

  test('the nick is the one that it had in the room, and its key the newest', async () => {
    const store = new MemoryStore();
    const { server, recorder, peer } = await startLive({ store });
    peer.send({ type: 'renamed', at: 1, id: 'me', nick: 'rob', was: 'bob' }, { type: 'key', key: 'k2' }, message(1));
    await recorder.until('seq 1');
    await reload(server, store);
    const resume = { id: 'me', key: 'k2', attempt: 1 };
    expect(await (await server.accept()).next('join')).toMatchObject({ nick: 'rob', resume });
  });

  test('who was sent away, or goes on elsewhere, is somebody new', async () => {
    for (const code of ['kicked', 'replaced']) {
      const store = new MemoryStore();
      const { server, recorder, peer } = await startLive({ store });
      peer.send(error(code));
      await recorder.until(code === 'kicked' ? 'ended refused' : 'ended replaced');
      await reload(server, store);
      expect(await (await server.accept()).next('join')).not.toHaveProperty('resume');
    }
  });

  test('a room that was protected is still joined only as such, by the same client', async () => {
    const store = new MemoryStore();
    const { server, session, recorder, peer } = await startLive({ store }, { protected: true });
    const ref = session.say('secret');
    await peer.next('say');
    peer.send(error('unprotected'));
    await recorder.until('ended unprotected');
    const second = await reload(server, store);
    expect(await (await server.accept()).next('join')).toMatchObject({ protected: true, resume: { id: 'me' } });
    expect(second.session.left).toEqual([{ ref, text: 'secret', sent: true }]);
  });

  test.each(['', 'null', '[]', '{"identity":{"id":1}}', '{"outbox":{}}', '{"outbox":[{"ref":"r"}]}', '{"attempt":-1}'])(
    'what somebody else wrote there counts as nothing: %s',
    async (text) => {
      const store = new MemoryStore();
      store.text = text;
      const { server, session } = await startSession({ store });
      expect(await (await server.accept()).next('join')).toMatchObject({ type: 'join', nick: 'bob' });
      expect(session.pending).toBe(0);
    },
  );

  test('no password is written down', async () => {
    const store = new MemoryStore();
    const { server, recorder } = await startSession({ store, askPassword: async () => 'sesame' });
    (await server.accept()).send(error('password_required'));
    const peer = await server.accept();
    expect(await peer.next('join')).toMatchObject({ password: 'sesame' });
    peer.send(welcome({ protected: true }), live(0));
    await recorder.until('live 0');
    expect(store.text).not.toContain('sesame');
  });
});
