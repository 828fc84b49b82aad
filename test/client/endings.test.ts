import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dialRoom } from '../../src/cli/dialling.ts';
import { RoomSession } from '../../src/client/index.ts';
import { ManualClock } from './manual-clock.ts';
import { Recorder } from './recorder.ts';
import { error, live, message, ScriptedServer, welcome } from './scripted-server.ts';
import { startLive, startSession } from './start-session.ts';

describe('comes back', () => {
  test.each([1001, 1011, 1012, 1013])('after close code %i', async (code) => {
    const { recorder, peer, comeBack } = await startLive();
    peer.close(code);
    await recorder.until('lost 1500');
    const again = await comeBack();
    expect(await again.next('join')).toMatchObject({ resume: { id: 'me' } });
  });

  test('when it is told that the server goes away, before the Close frame', async () => {
    const { recorder, peer, comeBack } = await startLive();
    peer.send(error('going_away'));
    await recorder.until('lost 1500');
    await comeBack();
  });

  test('with growing waits of full jitter, from 3 s to 30 s, that begin anew once it is live', async () => {
    const { server, recorder, peer, clock, comeBack } = await startLive();
    peer.cut();
    for (const wait of [1500, 3000, 6000, 12_000, 15_000]) {
      await recorder.until(`lost ${wait}`);
      const again = await comeBack();
      await again.next('join');
      again.send(welcome());
      await recorder.until('resumed bob', recorder.events.filter((event) => event === 'resumed bob').length + 1);
      again.cut();
    }
    await recorder.until('lost 15000', 2);
    const again = await comeBack();
    again.send(welcome(), live(0));
    await recorder.until('live 0', 2);
    again.cut();
    await recorder.until('lost 1500', 2);
    clock.advance(1499);
    expect(clock.waiting).toBe(1);
    clock.advance(1);
    await server.accept();
  });

  test('when the server cannot be dialled, once it has been in the room', async () => {
    const { server, recorder, peer, clock } = await startLive();
    peer.cut();
    await server.close();
    await recorder.until('lost 1500');
    clock.advance(1500);
    await recorder.until('lost 3000');
    clock.advance(3000);
    await recorder.until('lost 6000');
    expect(recorder.end).toBeUndefined();
  });

  test('after 40 s without a byte, but not before, and not while anything comes', async () => {
    const { recorder, peer, clock } = await startLive();
    for (let seq = 1; seq <= 4; seq += 1) {
      clock.advance(36_000);
      peer.send(message(seq));
      await recorder.until(`seq ${seq}`);
    }
    clock.advance(40_000);
    expect(recorder.events.at(-1)).toBe('seq 4');
    clock.advance(4000);
    await recorder.until('lost 1500');
  });

  test('from a server that stays silent about the join, and only pings', async () => {
    const { server, recorder, clock } = await startSession();
    const peer = await server.accept();
    await peer.next('join');
    for (let seconds = 0; seconds < 40; seconds += 4) {
      await peer.ping();
      clock.advance(4000);
    }
    await recorder.until('lost 1500');
  });

  test('who does not read on purpose takes nothing for silence', async () => {
    const { session, recorder, peer, clock, comeBack } = await startLive();
    session.pause();
    clock.advance(200_000);
    peer.send(message(1));
    session.resume();
    await recorder.until('seq 1');
    session.pause();
    clock.advance(36_000);
    session.resume();
    clock.advance(36_000);
    expect(recorder.events.at(-1)).toBe('seq 1');
    clock.advance(4000);
    await recorder.until('lost 1500');
    session.pause();
    const again = await comeBack();
    again.send(welcome(), live(1));
    clock.advance(200_000);
    session.resume();
    await recorder.until('live 0', 2);
  });
});

describe('is over', () => {
  test.each([
    ['kicked', 4403, 'refused'],
    ['replaced', 4410, 'replaced'],
    ['bad_request', 4400, 'refused'],
    ['join_timeout', 4408, 'refused'],
    ['damaged', 4500, 'refused'],
    ['throttled', 4429, 'password'],
  ])('when the server says %s', async (code, close, kind) => {
    const { recorder, peer, clock } = await startLive();
    peer.send(error(code), message(1));
    peer.close(close);
    await recorder.until(`ended ${kind}`);
    expect(recorder.end?.message).toBe(`Said to be ${code}.`);
    expect(recorder.shown).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  test('even where the connection breaks before the Close frame', async () => {
    const { recorder, peer } = await startLive();
    peer.send(error('kicked'));
    peer.cut();
    await recorder.until('ended refused');
  });

  test.each([
    [1000, 'protocol'],
    [1002, 'protocol'],
    [1009, 'protocol'],
    [3000, 'protocol'],
    [4999, 'refused'],
    [4401, 'password'],
  ])('after close code %i', async (code, kind) => {
    const { recorder, peer } = await startLive();
    peer.close(code, 'so it is');
    await recorder.until(`ended ${kind}`);
    expect(recorder.end?.message).toContain('so it is');
  });

  test('when nothing listens at the first try', async () => {
    const server = await ScriptedServer.open();
    await server.close();
    const recorder = new Recorder();
    new RoomSession({ dial: dialRoom(server.url) }, recorder).start();
    await recorder.until('ended unreachable');
    expect(recorder.events).toEqual(['connecting', 'ended unreachable']);
    expect(recorder.end?.message).toMatch(/^The server cannot be reached: .*ECONNREFUSED.*\.$/);
  });

  test.each([
    [503, 'overloaded'],
    [429, 'overloaded'],
    [502, 'unreachable'],
    [403, 'refused'],
    [404, 'protocol'],
    [200, 'protocol'],
  ])('when the first try is answered with HTTP status %i', async (status, kind) => {
    const http = createServer();
    http.on('upgrade', (_, socket) => {
      const body = `No.\n${'<p>'.repeat(1000)}`;
      socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      http.close();
    });
    const recorder = new Recorder();
    // A socket that listens on a port has no other kind of address.
    const { port } = http.address() as AddressInfo;
    const dial = dialRoom(`ws://127.0.0.1:${port}/rooms/lobby`);
    new RoomSession({ dial, clock: new ManualClock() }, recorder).start();
    await recorder.until(`ended ${kind}`);
    if (kind !== 'protocol') expect(recorder.end?.message).toBe('The server answered: No.');
  });
});

describe('a hostile server', () => {
  const deep = `{"type":"welcome","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  test.each([
    ['no JSON', 'hello'],
    ['no object', '[]'],
    ['no type', '{}'],
    ['a type that is no string', '{"type":{"toString":1}}'],
    ['a welcome with wrong fields', JSON.stringify(welcome({ seq: '1' }))],
    ['another version', JSON.stringify(welcome({ protocol: 2 }))],
    ['depth', deep],
    ['a message before the welcome', JSON.stringify(message(1))],
    ['a replay that ends before it began', JSON.stringify(live(1))],
    ['a second welcome', `${JSON.stringify(welcome())}\n${JSON.stringify(welcome())}`],
    ['a second live', [welcome(), live(1), live(1)].map((line) => JSON.stringify(line)).join('\n')],
    ['a seq that is no whole number', `${JSON.stringify(welcome())}\n${JSON.stringify(message(1.5))}`],
    ['a line without an end', `{"type":"direct","at":1,"text":"${'x'.repeat(1_000_000)}`],
    ['more than a frame may hold', 'x'.repeat(1_100_000)],
    ['a binary frame', Buffer.from('{"type":"pong"}')],
  ])('is left: %s', async (_, frame) => {
    const { server, recorder } = await startSession();
    const peer = await server.accept();
    await peer.next('join');
    peer.raw(frame);
    await recorder.until('ended protocol');
    expect(recorder.end?.message).toMatch(/^The .*\.$/);
    expect(await peer.closed).toBeGreaterThanOrEqual(1002);
  });

  test('unknown types and fields are passed over, and a seq that goes back is not shown', async () => {
    const { recorder, peer } = await startLive();
    peer.send({ type: 'fireworks' }, { type: 'toString' }, message(5, { colour: 'red' }), message(4), message(6));
    await recorder.until('seq 6');
    expect(recorder.shown).toEqual(['5 text 5', '6 text 6']);
  });

  test('errors out of place change nothing', async () => {
    const { recorder, peer, comeBack } = await startLive();
    peer.send(message(5), error('epoch_changed'), error('resume_invalid'), message(4), message(6));
    await recorder.until('seq 6');
    peer.cut();
    await recorder.until('lost 1500');
    expect(await (await comeBack()).next('join')).toMatchObject({ since: 6, resume: { id: 'me' } });
    expect(recorder.shown).toEqual(['5 text 5', '6 text 6']);
  });
});
