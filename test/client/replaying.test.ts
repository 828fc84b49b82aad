import { describe, expect, test } from 'vitest';
import { error, live, message, welcome } from './scripted-server.ts';
import { startLive } from './start-session.ts';

describe('history that is asked for once more', () => {
  test('is shown again by joining anew as the same client; what is new is new, and is counted alone', async () => {
    const { session, server, recorder, peer } = await startLive();
    peer.send(message(1), message(2), message(3));
    await recorder.until('seq 3');
    const ref = session.say('mine');
    await peer.next('say');
    expect(session.replay(3)).toBe(true);
    expect(await peer.closed).toBe(1001);
    const again = await server.accept();
    expect(await again.next('join')).toEqual({
      type: 'join',
      nick: 'bob',
      last: 3,
      resume: { id: 'me', key: 'k', attempt: 1 },
      claim: expect.any(String),
    });
    recorder.shown.length = 0;
    const mine = message(4, { id: 'me', ref, text: 'mine' });
    again.send(welcome({ seq: 5, after: 2 }), message(3), message(3), mine, message(5), live(5), message(3));
    again.send(message(6));
    await recorder.until('seq 6');
    expect(recorder.shown).toEqual(['3 text 3', '4 mine (own)', '5 text 5', '6 text 6']);
    expect(recorder.events).toContain('live 1');
    expect(session.pending).toBe(0);
    again.cut();
    await recorder.until('lost 1500');
  });

  test('is given up where more has come meanwhile, so that nothing is left out', async () => {
    const { session, server, recorder, peer } = await startLive();
    peer.send(message(1));
    await recorder.until('seq 1');
    const ref = session.say('mine');
    await peer.next('say');
    session.replay(1);
    const second = await server.accept();
    await second.next('join');
    second.send(welcome({ seq: 4, after: 3 }), message(4), live(4));
    const third = await server.accept();
    expect(await third.next('join')).toMatchObject({ since: 1, epoch: 'e1', resume: { attempt: 2 } });
    third.send(welcome({ seq: 4, after: 1 }), message(2, { id: 'me', ref }), message(3), message(4), live(4));
    await recorder.until('live 2');
    expect(recorder.shown).toEqual(['1 text 1', '2 text 2 (own)', '3 text 3', '4 text 4']);
    expect(second.untaken + third.untaken).toBe(0);
  });

  test('of a log that is gone is the new log', async () => {
    const { session, server, recorder, peer } = await startLive();
    peer.send(message(9));
    await recorder.until('seq 9');
    session.replay(2);
    const again = await server.accept();
    await again.next('join');
    again.send(error('resume_invalid'), welcome({ id: 'new', epoch: 'e2', seq: 5, after: 3 }), message(4), message(5));
    await recorder.until('seq 5');
    expect(recorder.shown).toEqual(['9 text 9', '4 text 4', '5 text 5']);
  });

  test('cannot be had without a connection', async () => {
    const { session, recorder, peer } = await startLive();
    peer.cut();
    await recorder.until('lost 1500');
    expect(session.replay(3)).toBe(false);
  });
});
