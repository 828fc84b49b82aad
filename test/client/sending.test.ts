import { describe, expect, test } from 'vitest';
import { Recorder } from './recorder.ts';
import { message } from './scripted-server.ts';
import { startLive } from './start-session.ts';

const KIB = 1024;

describe('sending many messages', () => {
  test('what is said in one turn goes out in one frame', async () => {
    const { session, peer } = await startLive();
    for (let i = 0; i < 100; i += 1) session.say(`text ${i}`);
    await peer.says(100);
    expect(peer.frames).toHaveLength(2);
  });

  test('frames hold at most 64 KiB, and no more than 256 KiB are under way', async () => {
    const { session, recorder, peer } = await startLive();
    const refs: string[] = [];
    for (let i = 0; i < 40; i += 1) refs.push(session.say('x'.repeat(16 * KIB)));
    const first = await peer.says(15);
    session.who();
    await peer.next('who');
    const sizes = peer.frames.map((frame) => frame.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * KIB);
    expect(first.map(({ ref }) => ref)).toEqual(refs.slice(0, 15));
    peer.send(...[0, 1].map((i) => message(i + 1, { id: 'me', ref: refs[i] })));
    await recorder.until(`receipt ${refs[1]}`);
    expect((await peer.says(2)).map(({ ref }) => ref)).toEqual(refs.slice(15, 17));
  });

  test('a caller that waits until it is ready never has much queued, and everything arrives in order', async () => {
    const { session, recorder, peer } = await startLive();
    const count = 5000;
    let most = 0;
    const server = (async () => {
      for (let seq = 1; seq <= count; seq += 1) {
        const { ref, text } = await peer.next('say');
        peer.send(message(seq, { id: 'me', ref, text }));
      }
    })();
    for (let i = 1; i <= count; i += 1) {
      await session.ready();
      session.say(`${i} ${'x'.repeat(500)}`);
      most = Math.max(most, session.pending);
    }
    await server;
    await recorder.until(`seq ${count}`);
    expect(session.pending).toBe(0);
    expect(recorder.shown.map((line) => line.split(' ')[1])).toEqual(
      Array.from({ length: count }, (_, i) => `${i + 1}`),
    );
    // 256 KiB waiting and as much under way, of 540 bytes each.
    expect(most).toBeLessThan(1000);
  });

  test('who waits for room is let go when the session ends', async () => {
    const { session, peer } = await startLive();
    for (let i = 0; i < 40; i += 1) session.say('x'.repeat(16 * KIB));
    const ready = session.ready();
    peer.close(4403);
    await ready;
    await session.ready();
  });
});

test('an observer may stop the reading in the middle of what comes, and go on later', async () => {
  class Hesitant extends Recorder {
    pauseNow = () => {};

    override line(...told: Parameters<Recorder['line']>): void {
      super.line(...told);
      if (told[0].type === 'message') this.pauseNow();
    }
  }
  const recorder = new Hesitant();
  const { session, peer } = await startLive({}, {}, recorder);
  recorder.pauseNow = () => session.pause();
  for (let seq = 1; seq <= 3; seq += 1) {
    peer.send(message(seq));
    if (seq === 1) await recorder.until('seq 1');
  }
  session.who();
  await peer.next('who');
  expect(recorder.shown).toEqual(['1 text 1']);
  session.resume();
  await recorder.until('seq 2');
  expect(recorder.shown).toHaveLength(2);
  session.resume();
  await recorder.until('seq 3');
});
