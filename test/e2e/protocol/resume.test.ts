// Coming back as the client one was: ids and keys, attempts, the end of the older connection, and silence about it.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import type { Welcome } from '../../support/wire-lines.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const resume = ({ id, key }: Welcome, attempt = 1) => ({ resume: { id, key, attempt } });

describe('a client that resumes', () => {
  it('has its id and nick again, gets what it missed, and nobody hears of its going or coming', async () => {
    const room = freshRoom();
    const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
    const { client: bob, welcome } = await WireClient.join(server, room, { nick: 'bob' });
    const { seq } = await bob.say('before');
    await bob.drop();
    await ann.say('meanwhile');
    const again = await WireClient.join(server, room, {
      nick: 'bob',
      since: seq,
      epoch: welcome.epoch,
      ...resume(welcome),
    });
    expect(again.welcome).toMatchObject({ id: welcome.id, key: welcome.key, nick: 'bob', after: seq, present: 2 });
    expect(again.client.of('message').map(({ text }) => text)).toEqual(['meanwhile']);
    await again.client.say('back');
    await ann.said('back');
    await ann.fence();
    expect(ann.of('joined')).toHaveLength(1);
    expect(ann.of('left')).toEqual([]);
  });

  it('needs no password', async () => {
    const room = freshRoom();
    const { client, welcome } = await WireClient.join(server, room, { nick: 'bob', password: 'p' });
    await client.drop();
    const again = await WireClient.join(server, room, { nick: 'bob', ...resume(welcome) });
    expect(again.welcome).toMatchObject({ id: welcome.id, protected: true });
  });

  it('ends its older connection with 4410 before the replay starts, and takes its place', async () => {
    const room = freshRoom();
    const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
    const { client: old, welcome } = await WireClient.join(server, room, { nick: 'bob' });
    const again = await WireClient.join(server, room, { nick: 'bob', ...resume(welcome) });
    expect((await old.closed).code).toBe(4410);
    expect(old.of('error').map(({ code }) => code)).toEqual(['replaced']);
    expect(again.welcome).toMatchObject({ id: welcome.id, nick: 'bob', present: 2 });
    ann.send({ type: 'who' });
    expect((await ann.next('members')).present).toBe(2);
    await ann.fence();
    expect(ann.of('left')).toEqual([]);
    expect(ann.of('joined')).toHaveLength(1);
  });

  it('finds each of its lines once, whatever was under way on the older connection', async () => {
    const room = freshRoom();
    const { client: first, welcome } = await WireClient.join(server, room, { nick: 'bob' });
    let client = first;
    const wanted = Array.from({ length: 400 }, (_, i) => `r${i}`);
    const seen = new Set<string>();
    const strike = (from: WireClient) => {
      for (const { id, ref } of from.of('message')) if (id === welcome.id && ref !== undefined) seen.add(ref);
    };
    for (let attempt = 1; attempt <= 8; attempt++) {
      // All that has no receipt is sent, and the next connection comes while that is still under way.
      const unseen = wanted.filter((ref) => !seen.has(ref));
      for (const ref of unseen.slice(0, attempt * 50)) client.send({ type: 'say', text: ref, ref });
      const again = await WireClient.join(server, room, { nick: 'bob', since: 0, ...resume(welcome, attempt) });
      strike(again.client);
      client = again.client;
    }
    for (const ref of wanted.filter((one) => !seen.has(one))) client.send({ type: 'say', text: ref, ref });
    await client.fence();
    const { client: late } = await WireClient.join(server, room, { nick: 'late' });
    expect(
      late
        .of('message')
        .map(({ ref }) => ref)
        .sort(),
    ).toEqual([...wanted].sort());
  });

  it('of two connections, the one with the lower attempt is refused', async () => {
    const room = freshRoom();
    const { client: first, welcome } = await WireClient.join(server, room, { nick: 'bob' });
    await first.drop();
    const { client: third } = await WireClient.join(server, room, { nick: 'bob', ...resume(welcome, 3) });
    const late = await WireClient.open(server, room);
    late.send({ type: 'join', nick: 'bob', ...resume(welcome, 2) });
    expect((await late.next('error')).code).toBe('replaced');
    expect((await late.closed).code).toBe(4410);
    await third.say('still here');
    const { client: fourth } = await WireClient.join(server, room, { nick: 'bob', ...resume(welcome, 4) });
    expect((await third.closed).code).toBe(4410);
    await fourth.say('and here');
  });

  it('is known over a restart of the server, and is not announced in its first seconds', async () => {
    const first = await startServer();
    onTestFinished(async () => void (await first.stop()));
    const ann = await WireClient.join(first, 'r', { nick: 'ann' });
    const bob = await WireClient.join(first, 'r', { nick: 'bob' });
    const { seq } = await bob.client.say('before');
    process.kill(first.pid, 'SIGKILL');
    await Promise.all([ann.client.closed, bob.client.closed]);
    const second = await startServer({ data: first.data });
    onTestFinished(async () => void (await second.stop()));
    const annAgain = await WireClient.join(second, 'r', { nick: 'ann', since: seq, ...resume(ann.welcome) });
    const bobAgain = await WireClient.join(second, 'r', {
      nick: 'bob',
      since: seq,
      epoch: bob.welcome.epoch,
      ...resume(bob.welcome),
    });
    expect([annAgain.welcome.id, bobAgain.welcome.id]).toEqual([ann.welcome.id, bob.welcome.id]);
    const { welcome: cy } = await WireClient.join(second, 'r', { nick: 'cy' });
    expect((await annAgain.client.next('joined')).id).toBe(cy.id);
  });
});

describe('a key that does not fit', () => {
  it.each([
    ['forged', (welcome: Welcome) => `${welcome.key.slice(0, -2)}${welcome.key.endsWith('AA') ? 'BB' : 'AA'}`],
    ['empty', () => ''],
    ['much too long', () => 'k'.repeat(10_000)],
  ])('(%s) says so right before welcome, and joins as somebody new', async (_, forge) => {
    const room = freshRoom();
    const { client: ann, welcome } = await WireClient.join(server, room, { nick: 'ann' });
    const { client, welcome: mine } = await WireClient.join(server, room, {
      nick: 'mallory',
      resume: { id: welcome.id, key: forge(welcome), attempt: 9 },
    });
    expect(client.types.slice(0, 2)).toEqual(['error', 'welcome']);
    expect(client.of('error')[0]?.code).toBe('resume_invalid');
    expect(mine.id).not.toBe(welcome.id);
    await ann.say('not replaced');
  });

  it('is also another client’s, or the same client’s of another room', async () => {
    const room = freshRoom();
    const { welcome: ann } = await WireClient.join(server, room, { nick: 'ann' });
    const { welcome: bob } = await WireClient.join(server, room, { nick: 'bob' });
    const crossed = await WireClient.join(server, room, { resume: { id: ann.id, key: bob.key, attempt: 9 } });
    expect(crossed.client.of('error')[0]?.code).toBe('resume_invalid');
    const elsewhere = await WireClient.join(server, freshRoom(), resume(ann));
    expect(elsewhere.client.of('error')[0]?.code).toBe('resume_invalid');
    expect(elsewhere.welcome.id).not.toBe(ann.id);
  });

  it('does not open a room with a password', async () => {
    const room = freshRoom();
    const { welcome } = await WireClient.join(server, room, { nick: 'ann', password: 'p' });
    const client = await WireClient.open(server, room);
    client.send({ type: 'join', nick: 'm', resume: { id: welcome.id, key: 'forged', attempt: 1 } });
    await client.next('error', ({ code }) => code === 'password_required');
    expect((await client.closed).code).toBe(4401);
    expect(client.of('welcome')).toEqual([]);
    const right = await WireClient.join(server, room, {
      nick: 'm',
      password: 'p',
      resume: { id: welcome.id, key: 'forged', attempt: 1 },
    });
    expect(right.client.types.slice(0, 2)).toEqual(['error', 'welcome']);
  });
});

it('gives a new id to a client whose log is gone, and starts from the beginning', async () => {
  const room = freshRoom();
  const { client, welcome } = await WireClient.join(server, room, { nick: 'bob' });
  await client.say('one');
  await client.drop();
  const again = await WireClient.join(server, room, { nick: 'bob', since: 1, epoch: 'gone', ...resume(welcome) });
  expect(again.client.of('error').map(({ code }) => code)).toContain('epoch_changed');
  expect(again.client.types[again.client.types.indexOf('welcome') - 1]).toBe('error');
  expect(again.welcome.id).not.toBe(welcome.id);
  expect(again.client.of('message').map(({ text }) => text)).toEqual(['one']);
});

describe('while a dropped member is away', () => {
  it('it is not counted as present', async () => {
    const room = freshRoom();
    const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
    const { client: bob } = await WireClient.join(server, room, { nick: 'bob' });
    await bob.drop();
    let present = 2;
    while (present === 2) {
      ann.send({ type: 'who' });
      ({ present } = await ann.next('members'));
    }
    expect(present).toBe(1);
    expect((await WireClient.join(server, room)).welcome.present).toBe(2);
    expect(ann.of('left')).toEqual([]);
  });

  it('a newcomer may take its nick at once, which ends the wait; it is given another', async () => {
    const room = freshRoom();
    const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
    const { client: bob, welcome: old } = await WireClient.join(server, room, { nick: 'bob' });
    await ann.next('joined');
    await bob.drop();
    // The drop is a moment away from the server; until it is known, the nick is taken.
    const newcomer = await WireClient.open(server, room);
    let answer: string | undefined;
    while (answer !== 'welcome') {
      newcomer.send({ type: 'join', nick: 'BOB' });
      answer = (await Promise.race([newcomer.next('welcome'), newcomer.next('error')])).type;
    }
    expect(newcomer.of('welcome')[0]?.nick).toBe('BOB');
    expect(await ann.next('left')).toMatchObject({ id: old.id, nick: 'bob' });
    expect(ann.of('joined').map(({ nick }) => nick)).toEqual(['bob', 'BOB']);
    const back = await WireClient.join(server, room, { nick: 'bob', ...resume(old) });
    expect(back.welcome.id).toBe(old.id);
    expect(back.welcome.nick.toLowerCase()).not.toBe('bob');
  });
});
