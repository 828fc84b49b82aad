// Several servers of one cluster: which is dialled when, and that the session goes on at each of them.

import { describe, expect, onTestFinished, test } from 'vitest';
import { dialRoom } from '../../src/cli/dialling.ts';
import { type Dial, DialFailure, type EndKind, type RoomSessionOptions, Rotation } from '../../src/client/index.ts';
import { onlyServer } from '../../src/client/rotation.ts';
import { Recorder } from './recorder.ts';
import { error, live, message, type ScriptedPeer, ScriptedServer, welcome } from './scripted-server.ts';
import { startSession } from './start-session.ts';

/** Nothing that can be dialled. */
function down(name: string, kind: EndKind = 'unreachable', isFinal = false): Dial {
  return () => Promise.reject(new DialFailure(kind, `No ${name}.`, isFinal));
}

const named = (dials: Readonly<Record<string, Dial>>) => Object.entries(dials).map(([name, dial]) => ({ name, dial }));
const failure = (name: string, kind: EndKind = 'unreachable') => ({ kind, message: `No ${name}.` });

describe('the rotation', () => {
  test('of one server is over after each turn, with what that server said', () => {
    const dial = down('a');
    const servers = onlyServer(dial);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(servers.current).toEqual({ dial });
      expect(servers.endTurn(failure('a'))).toEqual({ failure: failure('a') });
      expect(servers.endTurn(undefined)).toEqual({ failure: undefined });
    }
  });

  test('goes on from the one at hand, and gives each a turn', () => {
    const rotation = new Rotation(named({ a: down('a'), b: down('b'), c: down('c') }));
    expect(rotation.current.name).toBe('a');
    expect(rotation.endTurn(failure('a'))).toBeUndefined();
    expect(rotation.current.name).toBe('b');
    rotation.startRound();
    const turns = ['b', 'c', 'a'].map((name) => {
      expect(rotation.current.name).toBe(name);
      return rotation.endTurn(failure(name));
    });
    expect(turns).toEqual([
      undefined,
      undefined,
      {
        failure: {
          kind: 'unreachable',
          message: 'None of the 3 servers can be joined. b: No b. c: No c. a: No a.',
        },
      },
    ]);
    expect(rotation.current.name).toBe('b');
    expect(rotation.endTurn(failure('b'))).toBeUndefined();
  });

  test.each([
    ['overloaded', 'overloaded', 'overloaded'],
    ['protocol', 'untrusted', 'unreachable'],
  ] as const)('a round of %s and %s ends as %s', (one, other, kind) => {
    const rotation = new Rotation(named({ a: down('a'), b: down('b') }));
    rotation.endTurn(failure('a', one));
    expect(rotation.endTurn(failure('b', other))?.failure?.kind).toBe(kind);
  });

  test('a round in which a server was there has not failed', () => {
    const rotation = new Rotation(named({ a: down('a'), b: down('b') }));
    rotation.endTurn(undefined);
    expect(rotation.endTurn(failure('b'))).toEqual({ failure: undefined });
  });
});

async function openNode(): Promise<{ server: ScriptedServer; dial: Dial }> {
  const server = await ScriptedServer.open();
  onTestFinished(() => server.close());
  return { server, dial: dialRoom(server.url) };
}

/** A session that knows these servers, and has begun to dial. */
async function startAt(dials: Readonly<Record<string, Dial>>, options: Partial<RoomSessionOptions> = {}) {
  return startSession({ dial: new Rotation(named(dials)), ...options }, new Recorder(), (await openNode()).server);
}

/** Lets it in, as client `me`. */
async function letIn(server: ScriptedServer): Promise<ScriptedPeer> {
  const peer = await server.accept();
  await peer.next('join');
  peer.send(welcome(), live(0));
  return peer;
}

describe('a session with several servers', () => {
  test('joins at the first that can be reached, in the order given', async () => {
    const { server, dial } = await openNode();
    const { recorder } = await startAt({ a: down('a'), b: dial, c: down('c') });
    await letIn(server);
    await recorder.until('live 0');
    expect(recorder.events.slice(0, 3)).toEqual(['connecting a', 'connecting b', 'line welcome']);
  });

  test.each([
    ['code 1012', (peer: ScriptedPeer) => peer.close(1012)],
    ['code 1001', (peer: ScriptedPeer) => peer.close(1001)],
    ['code 1013', (peer: ScriptedPeer) => peer.close(1013)],
    ['its word that it goes away', (peer: ScriptedPeer) => peer.send(error('going_away'))],
    ['a cut', (peer: ScriptedPeer) => peer.cut()],
  ])('after %s resumes at the next one, without a wait, as the same client', async (_, end) => {
    const [a, b] = [await openNode(), await openNode()];
    const { session, recorder, clock } = await startAt({ a: a.dial, b: b.dial });
    const first = await letIn(a.server);
    first.send(message(7));
    await recorder.until('seq 7');
    const ref = session.say('hello');
    await first.next('say');
    end(first);
    await recorder.until('lost 0');
    clock.advance(0);
    const second = await b.server.accept();
    expect(await second.next('join')).toMatchObject({
      since: 7,
      epoch: 'e1',
      resume: { id: 'me', key: 'k', attempt: 1 },
    });
    second.send(welcome({ after: 7, seq: 7 }), live(7));
    expect(await second.next('say')).toMatchObject({ text: 'hello', ref });
    expect(recorder.events).toContain('connecting b');
  });

  test('after 40 s of silence goes to the next one', async () => {
    const [a, b] = [await openNode(), await openNode()];
    const { recorder, clock } = await startAt({ a: a.dial, b: b.dial });
    await letIn(a.server);
    await recorder.until('live 0');
    clock.advance(44_000);
    await recorder.until('lost 0');
    clock.advance(0);
    expect(await (await b.server.accept()).next('join')).toMatchObject({ resume: { attempt: 1 } });
  });

  test('waits only after a whole round, and then dials a whole round again', async () => {
    const a = await openNode();
    let dialA = a.dial;
    const { recorder, clock } = await startAt({ a: (signal) => dialA(signal), b: down('b'), c: down('c') });
    const first = await letIn(a.server);
    await recorder.until('live 0');
    dialA = down('a');
    const before = recorder.events.length;
    first.cut();
    await recorder.until('lost 0');
    clock.advance(0);
    await recorder.until('lost 1500');
    clock.advance(1499);
    expect(clock.waiting).toBe(1);
    clock.advance(1);
    await recorder.until('lost 3000');
    expect(recorder.events.slice(before)).toEqual([
      'lost 0',
      'connecting b',
      'connecting c',
      'lost 1500',
      'connecting a',
      'connecting b',
      'connecting c',
      'lost 3000',
    ]);
  });

  test('has all of them to go to again once it has been live for a second, but not at a welcome', async () => {
    const [a, b] = [await openNode(), await openNode()];
    const { recorder, clock } = await startAt({ a: a.dial, b: b.dial });
    const first = await letIn(a.server);
    await recorder.until('live 0');
    first.cut();
    await recorder.until('lost 0');
    clock.advance(0);
    const second = await letIn(b.server);
    await recorder.until('live 0', 2);
    clock.advance(1_000);
    second.cut();
    await recorder.until('lost 0', 2);
    clock.advance(0);
    const third = await a.server.accept();
    await third.next('join');
    third.send(welcome());
    await recorder.until('resumed bob', 2);
    third.cut();
    await recorder.until('lost 1500');
  });

  test('that let it in and drop it at once are not dialled in a circle without a wait', async () => {
    const [a, b] = [await openNode(), await openNode()];
    const { recorder, clock } = await startAt({ a: a.dial, b: b.dial });
    for (const [turn, { server }] of [a, b].entries()) {
      const peer = await letIn(server);
      await recorder.until('live 0', turn + 1);
      clock.advance(999);
      peer.cut();
      await recorder.until(turn === 0 ? 'lost 0' : 'lost 1500');
      clock.advance(0);
    }
    expect(recorder.events.filter((event) => event.startsWith('connecting'))).toEqual(['connecting a', 'connecting b']);
  });

  test('that cannot be reached at all is over after one round, which names each', async () => {
    const { recorder, clock } = await startAt({ a: down('a'), b: down('b') });
    await recorder.until('ended unreachable');
    expect(recorder.events).toEqual(['connecting a', 'connecting b', 'ended unreachable']);
    expect(recorder.end?.message).toBe('None of the 2 servers can be joined. a: No a. b: No b.');
    expect(clock.waiting).toBe(0);
  });

  test('comes back where one was there at the first try, and only sent it away for now', async () => {
    const a = await openNode();
    const { recorder, clock } = await startAt({ a: a.dial, b: down('b') });
    (await a.server.accept()).close(1013);
    await recorder.until('lost 0');
    clock.advance(0);
    await recorder.until('lost 1500');
    clock.advance(1500);
    await letIn(a.server);
    await recorder.until('live 0');
  });

  test('is over when one of them refuses for good', async () => {
    const b = await openNode();
    const { recorder } = await startAt({ a: down('a', 'refused', true), b: b.dial });
    await recorder.until('ended refused');
    expect(recorder.events).toEqual(['connecting a', 'ended refused']);
    expect(recorder.end?.message).toBe('No a.');
  });

  test('a password that was asked for goes to the next one where the first has gone meanwhile', async () => {
    const [a, b] = [await openNode(), await openNode()];
    let dialA = a.dial;
    const askPassword = async () => {
      dialA = down('a');
      return 'secret';
    };
    const { recorder } = await startAt({ a: (signal) => dialA(signal), b: b.dial }, { askPassword });
    const first = await a.server.accept();
    await first.next('join');
    first.send(error('password_required'));
    expect(await (await b.server.accept()).next('join')).toMatchObject({ password: 'secret', protected: true });
    expect(recorder.events.filter((event) => event.startsWith('connecting'))).toEqual([
      'connecting a',
      'connecting a',
      'connecting b',
    ]);
  });
});
