// A session that a person sits before: it asks for a nick, begins again after an end, and does not wait when told so.

import { describe, expect, test } from 'vitest';
import { dialRoom } from '../../src/cli/dialling.ts';
import { error, live, message, ScriptedServer, welcome } from './scripted-server.ts';
import { startLive, startSession } from './start-session.ts';

describe('asks for a nick', () => {
  test('where it has none, before it dials', async () => {
    const problems: (string | undefined)[] = [];
    const askNick = async (problem: string | undefined) => {
      problems.push(problem);
      return 'ann';
    };
    const { server, session } = await startSession({ nick: undefined, askNick });
    const peer = await server.accept();
    expect(await peer.next('join')).toMatchObject({ nick: 'ann' });
    expect([session.nick, problems]).toEqual(['ann', [undefined]]);
    // What a person chose is not numbered.
    peer.send(error('nick_taken'));
    await (await server.accept()).next('join');
    expect(problems).toEqual([undefined, 'Said to be nick_taken.']);
  });

  test('where it is taken, and joins with the password that was given meanwhile', async () => {
    const problems: (string | undefined)[] = [];
    const askNick = async (problem: string | undefined) => {
      problems.push(problem);
      return `bob${problems.length + 1}`;
    };
    const { server } = await startSession({ askNick, askPassword: async () => 'sesame' });
    (await server.accept()).send(error('password_required'));
    const second = await server.accept();
    expect(await second.next('join')).toMatchObject({ nick: 'bob', password: 'sesame' });
    second.send(error('nick_taken'));
    const third = await server.accept();
    expect(await third.next('join')).toMatchObject({ nick: 'bob2', password: 'sesame' });
    third.send(error('nick_taken'));
    expect(await (await server.accept()).next('join')).toMatchObject({ nick: 'bob3', password: 'sesame' });
    expect(problems).toEqual(['Said to be nick_taken.', 'Said to be nick_taken.']);
  });

  test('and is over where nobody answers', async () => {
    const { recorder } = await startSession({ nick: undefined, askNick: async () => undefined });
    await recorder.until('ended refused');
    expect(recorder.events).toEqual(['ended refused']);
  });

  test('and takes no answer that comes after it was told to leave', async () => {
    let answer: (nick: string) => void = () => {};
    const asked = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const { session, recorder } = await startSession({ nick: undefined, askNick: () => asked });
    session.leave();
    answer('ann');
    await asked;
    expect(recorder.events).toEqual(['ended left']);
  });
});

describe('begins again after an end', () => {
  test('as somebody new, who reads on where it was, and brings through what was left', async () => {
    const { server, session, recorder, peer } = await startLive();
    peer.send(message(3));
    await recorder.until('seq 3');
    const [one, two] = ['one', 'two'].map((text) => session.say(text));
    await peer.says(2);
    peer.send(error('kicked'));
    await recorder.until('ended refused');
    session.start('rob');
    const again = await server.accept();
    const join = await again.next('join');
    expect(join).toMatchObject({ nick: 'rob', since: 3 });
    expect(join).not.toHaveProperty('resume');
    again.send(welcome({ id: 'new', nick: 'rob', seq: 4, after: 3 }), message(4, { id: 'me', text: 'one', ref: one }));
    again.send(live(4));
    expect(await again.says(1)).toEqual([{ type: 'say', text: 'two', ref: two }]);
    expect(recorder.shown).toEqual(['3 text 3', '4 one (own)']);
  });

  test('in an open room that was protected, without what was not meant for it', async () => {
    const { server, session, recorder, peer } = await startLive({}, { protected: true });
    const sent = session.say('sent');
    await peer.next('say');
    peer.send(error('unprotected'));
    await recorder.until('ended unprotected');
    const waiting = session.say('waiting');
    const given = session.startOpen().map(({ ref, text }) => [ref, text]);
    expect(given).toEqual([
      [sent, 'sent'],
      [waiting, 'waiting'],
    ]);
    const again = await server.accept();
    expect(await again.next('join')).not.toHaveProperty('protected');
    again.send(welcome(), live(0));
    await recorder.until('live 0', 2);
    expect(session.pending).toBe(0);
    expect(again.untaken).toBe(0);
  });

  test('and only then', async () => {
    const { session, recorder } = await startLive();
    session.start();
    session.who();
    expect(recorder.events.filter((event) => event === 'connecting')).toHaveLength(1);
  });
});

describe('does not wait', () => {
  test('when it is told to dial at once', async () => {
    const { server, session, recorder, peer } = await startLive();
    peer.cut();
    await recorder.until('lost 1500');
    session.dialNow();
    expect(await (await server.accept()).next('join')).toMatchObject({ resume: { id: 'me' } });
    session.dialNow();
    expect(recorder.events.filter((event) => event === 'connecting')).toHaveLength(2);
  });

  test('for a first welcome, where it knows that there is a server', async () => {
    const gone = await ScriptedServer.open();
    await gone.close();
    const { recorder, clock } = await startSession({ isPatient: true, dial: dialRoom(gone.url) });
    await recorder.until('lost 1500');
    clock.advance(1500);
    await recorder.until('lost 3000');
    expect(recorder.end).toBeUndefined();
  });
});
