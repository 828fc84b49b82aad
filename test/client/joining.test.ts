import { describe, expect, test } from 'vitest';
import { error, live, message, welcome } from './scripted-server.ts';
import { startLive, startSession } from './start-session.ts';

/** Another one after each welcome. */
const CLAIM: unknown = expect.any(String);

describe('joining', () => {
  test('joins with what was asked for and shows the replay and what follows, each line once', async () => {
    const { server, recorder } = await startSession({ last: 2, password: 'secret' });
    const peer = await server.accept();
    expect(await peer.next('join')).toEqual({ type: 'join', nick: 'bob', password: 'secret', last: 2, claim: CLAIM });
    peer.send(welcome({ seq: 9, after: 7 }), message(8), message(9), live(9));
    peer.send(message(9), message(7), message(12));
    await recorder.until('seq 12');
    expect(recorder.shown).toEqual(['8 text 8', '9 text 9', '12 text 12']);
    const told = ['connecting', 'line welcome', 'joined bob', 'seq 8', 'seq 9', 'line live', 'live 2', 'seq 12'];
    expect(recorder.events).toEqual(told);
  });

  test('never tells the key of its id', async () => {
    const { recorder } = await startLive({}, { key: 'very-secret-key' });
    expect(recorder.raw).toHaveLength(2);
    expect(recorder.raw.join()).not.toContain('key');
  });

  test('sends as soon as it is welcome, and takes its own line for the receipt', async () => {
    const { server, session, recorder } = await startSession();
    const ref = session.say('hello');
    const peer = await server.accept();
    await peer.next('join');
    peer.send(welcome({ seq: 5 }));
    expect(await peer.next('say')).toEqual({ type: 'say', text: 'hello', ref });
    expect(session.pending).toBe(1);
    peer.send(message(1), live(5), message(6, { id: 'me', text: 'hello', ref }));
    await recorder.until(`receipt ${ref}`);
    expect(session.pending).toBe(0);
    expect(recorder.shown).toEqual(['1 text 1', '6 hello (own)']);
  });

  test('a line of somebody else with the same ref is no receipt', async () => {
    const { session, recorder, peer } = await startLive();
    const ref = session.say('hello');
    await peer.next('say');
    peer.send(message(1, { ref }), message(2));
    await recorder.until('seq 2');
    expect(session.pending).toBe(1);
  });

  test('a nick that the user chose is not changed', async () => {
    const { server, recorder } = await startSession();
    const peer = await server.accept();
    await peer.next('join');
    peer.send(error('nick_taken'));
    await recorder.until('ended refused');
    expect(recorder.end?.message).toBe('Said to be nick_taken.');
    expect(await peer.closed).toBe(1000);
  });

  test('a login name gets a number on the same connection, with the password again', async () => {
    const { server, recorder } = await startSession({
      nick: { name: 'bob', mayBeNumbered: true },
      askPassword: async () => 'right',
    });
    const first = await server.accept();
    expect(await first.next('join')).toEqual({ type: 'join', nick: 'bob', claim: CLAIM });
    first.send(error('password_required'));
    const peer = await server.accept();
    for (const nick of ['bob', 'bob2', 'bob3']) {
      expect(await peer.next('join')).toEqual({ type: 'join', nick, password: 'right', protected: true, claim: CLAIM });
      if (nick !== 'bob3') peer.send(error('nick_taken'));
    }
    peer.send(welcome({ nick: 'bob3', protected: true }));
    await recorder.until('joined bob3');
  });

  test('a server that has every nick taken is left', async () => {
    const { server, recorder } = await startSession({ nick: { name: 'bob', mayBeNumbered: true } });
    const peer = await server.accept();
    let joins = 0;
    for (; recorder.end === undefined; joins += 1) {
      const join = await Promise.race([peer.next('join'), recorder.until('ended refused')]);
      if (join !== undefined) peer.send(error('nick_taken'));
    }
    expect(joins).toBeLessThan(110);
    expect(JSON.parse(peer.frames.at(-1) ?? '')).toEqual({ type: 'join', claim: CLAIM });
  });

  test('asks for a password only when the room does, again when it is wrong, and dials anew each time', async () => {
    const asked: string[] = [];
    const answers = ['wrong', 'right'];
    const askPassword = async (text: string) => {
      asked.push(text);
      return answers.shift();
    };
    const { server, recorder } = await startSession({ askPassword });
    const first = await server.accept();
    expect(await first.next('join')).not.toHaveProperty('password');
    first.send(error('password_required'));
    first.close(4401);
    const second = await server.accept();
    expect(await second.next('join')).toMatchObject({ password: 'wrong' });
    second.send(error('password_wrong'));
    const third = await server.accept();
    expect(await third.next('join')).toMatchObject({ password: 'right' });
    third.send(welcome({ protected: true }), live(0));
    await recorder.until('live 0');
    expect(asked).toEqual(['Said to be password_required.', 'Said to be password_wrong.']);
  });

  test.each([
    ['nobody to ask', undefined],
    ['no answer', async () => undefined],
  ])('without a password it is over: %s', async (_, askPassword) => {
    const { server, recorder } = await startSession({ askPassword });
    const peer = await server.accept();
    await peer.next('join');
    peer.send(error('password_required'));
    await recorder.until('ended password');
  });

  test('a nick is changed on request, and asked for again when it comes back', async () => {
    const { session, recorder, peer, comeBack } = await startLive();
    expect(session.setNick('bobby')).toBe(true);
    expect(await peer.next('nick')).toEqual({ type: 'nick', nick: 'bobby' });
    peer.send({ type: 'renamed', at: 1, id: 'me', nick: 'bobby', was: 'bob' });
    await recorder.until('line renamed (own)');
    peer.cut();
    await recorder.until('lost 1500');
    expect(session.setNick('zed')).toBe(false);
    expect(session.who()).toBe(false);
    const again = await comeBack();
    expect(await again.next('join')).toMatchObject({ nick: 'bobby' });
  });

  test('who is answered by a line; a nick that is taken is trouble, and nothing more', async () => {
    const { session, recorder, peer } = await startLive();
    expect(session.who()).toBe(true);
    await peer.next('who');
    session.setNick('ann');
    await peer.next('nick');
    peer.send({ type: 'members', members: [], present: 1 }, error('nick_taken'), error('made_up'));
    await recorder.until('trouble unknown');
    expect(recorder.events.slice(-5)).toEqual([
      'line members',
      'line error',
      'trouble nick_taken',
      'line error',
      'trouble unknown',
    ]);
    expect(() => session.setNick('no spaces')).toThrow('not allowed');
  });

  test('leaves with code 1000, after what was said', async () => {
    const { session, recorder, peer } = await startLive();
    session.say('bye');
    session.leave();
    await peer.next('say');
    expect(await peer.closed).toBe(1000);
    await recorder.until('ended left');
  });

  test('leaves while it dials, and while it waits to come back', async () => {
    const dialling = await startSession();
    dialling.session.leave();
    expect(dialling.recorder.events).toEqual(['connecting', 'ended left']);
    const { session, recorder, clock, peer } = await startLive();
    peer.cut();
    await recorder.until('lost 1500');
    session.leave();
    expect(recorder.events.at(-1)).toBe('ended left');
    expect(clock.waiting).toBe(0);
  });
});
