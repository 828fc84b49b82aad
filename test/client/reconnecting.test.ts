import { describe, expect, test } from 'vitest';
import { Recorder } from './recorder.ts';
import { error, live, message, welcome } from './scripted-server.ts';
import { startLive, startSession } from './start-session.ts';

const mine = (seq: number, ref: string, text: string, id = 'me') => message(seq, { id, nick: 'bob', ref, text });

describe('after a lost connection', () => {
  test('resumes as the same client from the last line that it handled, with a rising attempt', async () => {
    const { recorder, peer, comeBack } = await startLive({ last: 5, password: 'p' });
    peer.send(message(3), message(7));
    await recorder.until('seq 7');
    peer.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    const resume = { id: 'me', key: 'k', attempt: 1 };
    expect(await second.next('join')).toEqual({
      type: 'join',
      nick: 'bob',
      password: 'p',
      since: 7,
      sinceAt: expect.any(Number),
      epoch: 'e1',
      resume,
      claim: expect.any(String),
    });
    second.cut();
    await recorder.until('lost 3000');
    const third = await comeBack();
    expect(await third.next('join')).toMatchObject({ since: 7, resume: { ...resume, attempt: 2 } });
    third.send(welcome({ after: 6, seq: 8 }), message(7), message(8), live(8));
    await recorder.until('live 1');
    expect(recorder.shown).toEqual(['3 text 3', '7 text 7', '8 text 8']);
    expect(recorder.events).toContain('resumed bob');
  });

  test('makes the same claim until it has a welcome, and another one then', async () => {
    const { server, recorder, comeBack } = await startSession();
    const claims: unknown[] = [];
    const first = await server.accept();
    claims.push((await first.next('join')).claim);
    first.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    claims.push((await second.next('join')).claim);
    second.send(welcome());
    await recorder.until('joined bob');
    second.cut();
    await recorder.until('lost 3000');
    claims.push((await (await comeBack()).next('join')).claim);
    expect(claims[1]).toBe(claims[0]);
    expect(claims[2]).not.toBe(claims[0]);
  });

  test('resumes with the last key that it was given, which nobody is shown', async () => {
    const { recorder, peer, comeBack } = await startLive();
    peer.send({ type: 'key', key: 'another' }, message(1));
    await recorder.until('seq 1');
    expect(recorder.raw.join()).not.toContain('another');
    peer.cut();
    await recorder.until('lost 1500');
    const again = await comeBack();
    expect(await again.next('join')).toMatchObject({ resume: { id: 'me', key: 'another', attempt: 1 } });
  });

  test('says which line it means, not only its number', async () => {
    const { recorder, peer, comeBack } = await startLive({}, { after: 4, afterAt: 1_004 });
    peer.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    expect(await second.next('join')).toMatchObject({ since: 4, sinceAt: 1_004 });
    second.send(welcome({ after: 4 }), message(5, { at: 1_005 }), message(4, { at: 9 }), live(5));
    await recorder.until('seq 5');
    second.cut();
    await recorder.until('lost 1500', 2);
    const third = await comeBack();
    expect(await third.next('join')).toMatchObject({ since: 5, sinceAt: 1_005 });
    third.send(error('epoch_changed'), welcome({ after: 0 }), live(0));
    await recorder.until('live 0', 2);
    third.cut();
    await recorder.until('lost 1500', 3);
    // Where it has read nothing there is no line to name.
    expect(await (await comeBack()).next('join')).not.toHaveProperty('sinceAt');
  });

  test('strikes what the replay shows, sends the rest again under the same refs, and only then what is new', async () => {
    const { session, recorder, peer, comeBack } = await startLive();
    const refs = ['a', 'b', 'c'].map((text) => session.say(text));
    await peer.says(3);
    peer.cut();
    await recorder.until('lost 1500');
    const unsent = session.say('d');
    const again = await comeBack();
    await again.next('join');
    again.send(welcome({ seq: 2 }), mine(1, refs[0] ?? '', 'a'), message(2));
    await recorder.until('seq 2');
    session.say('e');
    expect(recorder.events).toContain(`receipt ${refs[0]}`);
    expect(again.untaken).toBe(0);
    again.send(live(2));
    const sent = await again.says(4);
    expect(sent.map(({ text }) => text)).toEqual(['b', 'c', 'd', 'e']);
    expect(sent.map(({ ref }) => ref).slice(0, 3)).toEqual([refs[1], refs[2], unsent]);
    expect(recorder.shown).toEqual(['1 a (own)', '2 text 2']);
    expect(session.pending).toBe(4);
  });

  test('nothing is sent before the replay is over while it is not known what was saved', async () => {
    const { session, recorder, peer, comeBack } = await startLive();
    session.say('first');
    await peer.next('say');
    peer.cut();
    await recorder.until('lost 1500');
    const again = await comeBack();
    await again.next('join');
    again.send(welcome());
    await recorder.until('resumed bob');
    session.say('second');
    session.who();
    expect(await again.next('who')).toBeDefined();
    again.send(live(0));
    expect((await again.says(2)).map(({ text }) => text)).toEqual(['first', 'second']);
  });

  test('a live line of its own that follows at once is shown and struck once', async () => {
    const { session, recorder, peer, comeBack } = await startLive();
    const ref = session.say('hello');
    await peer.next('say');
    peer.cut();
    await recorder.until('lost 1500');
    const again = await comeBack();
    await again.next('join');
    again.send(welcome(), live(0));
    await again.next('say');
    again.send(mine(1, ref, 'hello'), mine(1, ref, 'hello'), message(2));
    await recorder.until('seq 2');
    expect(recorder.events.filter((event) => event.startsWith('receipt'))).toEqual([`receipt ${ref}`]);
    expect(recorder.shown).toEqual(['1 hello (own)', '2 text 2']);
  });

  test('lost again during the replay: what the first part showed stays struck, the rest is decided by the second', async () => {
    const { session, recorder, peer, comeBack } = await startLive();
    const [one, two, three] = ['one', 'two', 'three'].map((text) => session.say(text));
    await peer.says(3);
    peer.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    await second.next('join');
    second.send(welcome({ seq: 2 }), mine(1, one ?? '', 'one'));
    await recorder.until(`receipt ${one}`);
    second.cut();
    await recorder.until('lost 3000');
    const third = await comeBack();
    expect(await third.next('join')).toMatchObject({ since: 1 });
    third.send(welcome({ seq: 2, after: 1 }), mine(2, two ?? '', 'two'), live(2));
    expect(await third.says(1)).toEqual([{ type: 'say', text: 'three', ref: three }]);
    expect(recorder.shown).toEqual(['1 one (own)', '2 two (own)']);
  });

  test('lost again after the re-send: the next replay strikes it under the same id', async () => {
    const { session, recorder, peer, comeBack } = await startLive();
    const ref = session.say('hello');
    await peer.next('say');
    peer.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    await second.next('join');
    second.send(welcome(), live(0));
    await second.next('say');
    second.cut();
    await recorder.until('lost 1500', 2);
    const third = await comeBack();
    await third.next('join');
    third.send(welcome({ seq: 1 }), mine(1, ref, 'hello'), live(1));
    await recorder.until('live 0', 3);
    expect(session.pending).toBe(0);
    expect(third.untaken).toBe(0);
  });

  test('live tells how many lines of others came meanwhile', async () => {
    const { session, recorder, peer, comeBack } = await startLive();
    const ref = session.say('hello');
    await peer.next('say');
    peer.cut();
    await recorder.until('lost 1500');
    const again = await comeBack();
    await again.next('join');
    const notice = { type: 'notice', seq: 3, at: 1, text: 'restarting' };
    again.send(welcome({ seq: 3 }), message(1), mine(2, ref, 'hello'), notice, live(3));
    await recorder.until('live 2');
  });
});

describe('when the server no longer knows the client', () => {
  test('resume_invalid: the replay strikes what was sent under the old id, the rest is sent under the new one', async () => {
    const { session, recorder, peer, comeBack } = await startLive();
    const [one, two] = ['one', 'two'].map((text) => session.say(text));
    await peer.says(2);
    peer.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    await second.next('join');
    second.send(error('resume_invalid'), welcome({ id: 'new', key: 'k2' }), mine(1, one ?? '', 'one'), live(1));
    expect(await second.says(1)).toEqual([{ type: 'say', text: 'two', ref: two }]);
    expect(recorder.events).toContain('trouble resume_invalid');
    expect(recorder.events.filter((event) => event === 'joined bob')).toHaveLength(2);
    second.send(mine(2, two ?? '', 'two', 'new'));
    await recorder.until(`receipt ${two}`);
    second.cut();
    await recorder.until('lost 1500', 2);
    const third = await comeBack();
    expect(await third.next('join')).toMatchObject({ since: 2, resume: { id: 'new', key: 'k2', attempt: 2 } });
  });

  test('a password that was called wrong is not sent again', async () => {
    const { server, recorder, comeBack } = await startSession({
      password: 'mistyped',
      askPassword: async () => 'right',
    });
    const first = await server.accept();
    expect(await first.next('join')).toMatchObject({ password: 'mistyped' });
    first.send(error('password_wrong'));
    const second = await server.accept();
    expect(await second.next('join')).toMatchObject({ password: 'right' });
    second.send(welcome({ protected: true }), live(0));
    await recorder.until('live 0');
    second.cut();
    await recorder.until('lost 1500');
    expect(await (await comeBack()).next('join')).not.toHaveProperty('password');
  });

  test('a password that it then asks for is given to the next connection, which still resumes where it was', async () => {
    const { session, recorder, peer, comeBack, server } = await startLive({ askPassword: async () => 'secret' });
    session.say('one');
    await peer.next('say');
    peer.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    await second.next('join');
    second.send(error('password_required'));
    const third = await server.accept();
    expect(await third.next('join')).toMatchObject({ password: 'secret', since: 0, epoch: 'e1' });
    third.send(error('resume_invalid'), welcome({ id: 'new', protected: true }), live(0));
    expect(await third.says(1)).toMatchObject([{ text: 'one' }]);
  });

  test('epoch_changed: the room is shown from its beginning and everything without a receipt is sent again', async () => {
    const { session, recorder, peer, comeBack } = await startLive({ last: 1 });
    peer.send(message(40));
    await recorder.until('seq 40');
    const ref = session.say('hello');
    await peer.next('say');
    peer.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    await second.next('join');
    second.send(error('epoch_changed'), welcome({ id: 'new', epoch: 'e2', seq: 1 }), message(1), live(1));
    expect(await second.says(1)).toEqual([{ type: 'say', text: 'hello', ref }]);
    expect(recorder.shown).toEqual(['40 text 40', '1 text 1']);
    second.cut();
    await recorder.until('lost 1500', 2);
    const third = await comeBack();
    expect(await third.next('join')).toMatchObject({ since: 1, epoch: 'e2' });
  });

  test('a log of the same name that was put back to an earlier state is read from its beginning too', async () => {
    const { recorder, peer, comeBack } = await startLive();
    peer.send(message(40));
    await recorder.until('seq 40');
    peer.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    await second.next('join');
    second.send(error('epoch_changed'), welcome({ id: 'new', seq: 1 }), message(1), live(1));
    await recorder.until('seq 1');
  });

  test('a speaker as somebody new cannot learn what was saved, so it says so and doubles nothing', async () => {
    const { session, recorder, peer, comeBack } = await startLive({ speaker: true });
    const ref = session.say('one');
    await peer.next('say');
    peer.cut();
    await recorder.until('lost 1500');
    const later = session.say('two');
    const second = await comeBack();
    expect(await second.next('join')).toMatchObject({ as: 'speaker', resume: { id: 'me' } });
    second.send(error('resume_invalid'), welcome({ id: 'new', seq: 9, after: 9 }), live(9));
    expect(await second.says(1)).toEqual([{ type: 'say', text: 'two', ref: later }]);
    expect(recorder.events).toContain(`refused ${ref} uncertain`);
    expect(session.pending).toBe(1);
  });

  test('a nick that is taken meanwhile gets a number, even one that the user chose', async () => {
    const { recorder, peer, comeBack } = await startLive();
    peer.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    await second.next('join');
    second.send(error('nick_taken'));
    expect(await second.next('join')).toMatchObject({ nick: 'bob2', resume: { id: 'me', attempt: 2 } });
  });
});

describe('refusals', () => {
  test('a message that the server refuses is given up, the others go on, and it is not sent again', async () => {
    const { session, recorder, peer, comeBack } = await startLive();
    const [one, two] = ['one', 'two'].map((text) => session.say(text));
    await peer.says(2);
    peer.send(error('not_saved', { ref: one }), error('not_saved', { ref: 'unheard-of' }));
    await recorder.until(`refused ${one} not_saved`);
    await recorder.until('trouble not_saved');
    peer.cut();
    await recorder.until('lost 1500');
    const second = await comeBack();
    await second.next('join');
    second.send(welcome(), live(0));
    expect(await second.says(1)).toMatchObject([{ ref: two }]);
    expect(session.pending).toBe(1);
  });

  test.each([
    ['too many bytes', 'é'.repeat(8193)],
    ['escapes that fill more than a frame', '\u0001'.repeat(16_384)],
  ])('what no server would take is refused here: %s', async (_, text) => {
    const { session, recorder, peer } = await startLive();
    const ref = session.say(text);
    expect(session.pending).toBe(1);
    session.say('fine');
    expect(await peer.says(1)).toMatchObject([{ text: 'fine' }]);
    expect(recorder.events).toContain(`refused ${ref} too_long`);
    expect(session.pending).toBe(1);
  });

  test('who leaves at the first refusal, while it waits to come back, hears nothing after the end', async () => {
    class Leaver extends Recorder {
      leave = () => {};

      override refused(...told: Parameters<Recorder['refused']>): void {
        super.refused(...told);
        this.leave();
      }
    }
    const recorder = new Leaver();
    const { session, peer } = await startLive({}, {}, recorder);
    recorder.leave = () => session.leave();
    peer.cut();
    await recorder.until('lost 1500');
    const refs = [1, 2].map(() => session.say('x'.repeat(20_000)));
    await recorder.until('ended left');
    const refused = refs.map((ref) => `refused ${ref} too_long`);
    expect(recorder.events.slice(-4)).toEqual(['lost 1500', ...refused, 'ended left']);
  });

  test('half a character does not end the connection', async () => {
    const { session, peer } = await startLive();
    session.say('a\ud800b');
    expect(await peer.says(1)).toMatchObject([{ text: 'a\ufffdb' }]);
  });
});
