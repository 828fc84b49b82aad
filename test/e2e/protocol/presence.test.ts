// Who is there: joined, left, renamed, crowd and who, what each says, to whom, and where it stands among messages.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { masked, RawPeer } from '../../support/raw-http.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('joined and left', () => {
  it('are told to every other member, and never to the one they are about', async () => {
    const room = freshRoom();
    const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
    const { client: bob, welcome } = await WireClient.join(server, room, { nick: 'bob' });
    expect(await ann.next('joined')).toEqual({
      type: 'joined',
      at: expect.any(Number),
      id: welcome.id,
      nick: 'bob',
    });
    await bob.fence();
    expect(bob.of('joined')).toEqual([]);
    await bob.leave();
    expect(await ann.next('left')).toEqual({ type: 'left', at: expect.any(Number), id: welcome.id, nick: 'bob' });
  });

  it('are told in this room alone, and are not in the log', async () => {
    const room = freshRoom();
    const { client: elsewhere } = await WireClient.join(server, freshRoom(), { nick: 'els' });
    const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
    const { client: bob } = await WireClient.join(server, room, { nick: 'bob' });
    await bob.leave();
    await ann.next('left');
    await elsewhere.fence();
    expect(elsewhere.types).toEqual(['welcome', 'live', 'pong']);
    const { client: late } = await WireClient.join(server, room, { nick: 'late' });
    expect(late.types).toEqual(['welcome', 'live']);
  });

  it('are also told to a member that still reads', async () => {
    const room = freshRoom();
    const { client: author } = await WireClient.join(server, room, { nick: 'ann' });
    const text = 'x'.repeat(16_000);
    for (let i = 0; i < 20; i++) author.send({ type: 'say', text });
    await author.count('message', 20);
    const [one, two] = await Promise.all([WireClient.open(server, room), WireClient.open(server, room)]);
    one.send({ type: 'join', nick: 'one' });
    two.send({ type: 'join', nick: 'two' });
    await Promise.all([one.next('live'), two.next('live')]);
    // Where the two came within 100 ms, presence waits for the end of them.
    await author.count('joined', 2);
    await one.fence();
    await two.fence();
    // Whichever came second was heard of by the first, whether that one was reading still or not.
    expect([...one.of('joined'), ...two.of('joined')]).toHaveLength(1);
  });
});

describe('renamed', () => {
  it('is told to the others and, as its answer, to the one renamed; later lines bear the new nick', async () => {
    const room = freshRoom();
    const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
    const { client: bob, welcome } = await WireClient.join(server, room, { nick: 'bob' });
    bob.send({ type: 'nick', nick: 'bobby' });
    const line = { type: 'renamed', at: expect.any(Number), id: welcome.id, nick: 'bobby', was: 'bob' };
    expect(await bob.next('renamed')).toEqual(line);
    expect(await ann.next('renamed')).toEqual(line);
    expect((await bob.say('hello')).nick).toBe('bobby');
    ann.send({ type: 'who' });
    expect((await ann.next('members')).members.map(({ nick }) => nick).sort()).toEqual(['ann', 'bobby']);
    // The old one is free again.
    expect((await WireClient.join(server, room, { nick: 'bob' })).welcome.nick).toBe('bob');
  });

  it('is refused where a connected member has the nick, in any case; everything stays as it was', async () => {
    const room = freshRoom();
    const { client: ann } = await WireClient.join(server, room, { nick: 'Ann' });
    const { client: bob } = await WireClient.join(server, room, { nick: 'bob' });
    bob.send({ type: 'nick', nick: 'aNN' });
    expect((await bob.next('error')).code).toBe('nick_taken');
    expect((await bob.say('still bob')).nick).toBe('bob');
    await ann.said('still bob');
    expect(ann.of('renamed')).toEqual([]);
    // The case of one's own nick is one's own.
    ann.send({ type: 'nick', nick: 'ANN' });
    expect(await ann.next('renamed')).toMatchObject({ nick: 'ANN', was: 'Ann' });
  });
});

describe('who', () => {
  it('lists everybody who is connected, oneself included', async () => {
    const room = freshRoom();
    const joined = [];
    for (const nick of ['ann', 'bob', 'cy']) joined.push(await WireClient.join(server, room, { nick }));
    const [first] = joined;
    first?.client.send({ type: 'who' });
    const { members, present, type } = (await first?.client.next('members')) ?? {};
    expect({ type, present }).toEqual({ type: 'members', present: 3 });
    const byNick = (a: { nick: string }, b: { nick: string }) => (a.nick < b.nick ? -1 : 1);
    expect(members?.sort(byNick)).toEqual(joined.map(({ welcome: { id, nick } }) => ({ id, nick })));
  });

  it('lists at most 1,000, and counts all', async () => {
    const large = await startServer({ args: ['--max-clients', '1100'] });
    onTestFinished(async () => void (await large.stop()));
    const { client } = await WireClient.join(large, 'big', { nick: 'watcher' });
    for (let i = 0; i < 20; i++) {
      await Promise.all(Array.from({ length: 51 }, () => WireClient.join(large, 'big', { last: 0 })));
    }
    client.send({ type: 'who' });
    const { members, present } = await client.next('members');
    expect(present).toBe(1_021);
    expect(members).toHaveLength(1_000);
    expect(new Set(members.map(({ id }) => id)).size).toBe(1_000);
  });
});

describe('crowd', () => {
  it('sums up those beyond the first 20 within 100 ms: nobody is counted twice or left out', async () => {
    const room = freshRoom();
    const { client: watcher } = await WireClient.join(server, room, { nick: 'watcher' });
    const crowd = await Promise.all(Array.from({ length: 200 }, () => WireClient.open(server, room)));
    for (const one of crowd) one.send({ type: 'join' });
    await Promise.all(crowd.map((one) => one.next('live')));
    const told = (): number =>
      watcher.of('joined').length + watcher.of('crowd').reduce((sum, { joined }) => sum + joined, 0);
    while (told() < 200) await watcher.fence();
    expect(told()).toBe(200);
    expect(watcher.of('joined').length).toBeGreaterThanOrEqual(20);
    // How many of them there are depends on how fast the clients come.
    for (const crowd of watcher.of('crowd')) {
      expect(crowd).toEqual({
        type: 'crowd',
        at: expect.any(Number),
        joined: expect.any(Number),
        left: 0,
        present: expect.any(Number),
      });
      expect(crowd.present).toBeLessThanOrEqual(201);
    }
  });
});

describe('in one turn', () => {
  it('presence precedes the messages', async () => {
    const room = freshRoom();
    const { client: watcher } = await WireClient.join(server, room, { nick: 'watcher' });
    const { client: bob } = await WireClient.join(server, room, { nick: 'bob' });
    bob.send({ type: 'say', text: 'as bob' }, { type: 'nick', nick: 'bobby' });
    await watcher.said('as bob');
    const types = watcher.types.filter((type) => type === 'renamed' || type === 'message');
    expect(types).toEqual(['renamed', 'message']);
  });

  it('left follows the last messages of the one who left', async () => {
    const room = freshRoom();
    const { client: watcher } = await WireClient.join(server, room, { nick: 'watcher' });
    const bob = await RawPeer.upgraded(server.port, `/rooms/${room}`);
    bob.socket.write(masked(0x81, '{"type":"join","nick":"bob"}'));
    await watcher.next('joined');
    // The last word and the close in one write, so that the server reads them in one turn.
    bob.socket.write(Buffer.concat([masked(0x81, '{"type":"say","text":"bye"}'), masked(0x88, '\u0003\u00e8')]));
    await Promise.all([watcher.count('left', 1), watcher.count('message', 1)]);
    expect(watcher.types.filter((type) => type === 'left' || type === 'message')).toEqual(['message', 'left']);
  });
});

describe('nicks', () => {
  const join = async (room: string, nick: string): Promise<string> => {
    const client = await WireClient.open(server, room);
    client.send({ type: 'join', nick });
    const outcome = await Promise.race([client.next('welcome'), client.next('error')]);
    return outcome.type === 'welcome' ? outcome.nick : outcome.code;
  };

  it.each(['b', 'x'.repeat(32), 'Пётр', '美咲', '-_.', '٣', '𝒳'.repeat(32), 'देवी'])('may be %s', async (nick) => {
    expect(await join(freshRoom(), nick)).toBe(nick.normalize('NFC'));
  });

  it.each([
    '',
    'x'.repeat(33),
    '.bob',
    'a b',
    'a/b',
    'a\nb',
    'server',
    'SERVER',
    'Server',
    'ｓｅｒｖｅｒ',
    'bob\u202e',
    'bo\u200bb',
    'bo\u200db',
    '\u001b[2J',
    '💬',
  ])('may not be %j', async (nick) => {
    expect(await join(freshRoom(), nick)).toBe('bad_request');
  });

  it('are normalised to NFC', async () => {
    expect(await join(freshRoom(), 'Zoe\u0308')).toBe('Zo\u00eb');
  });

  it.each([
    ['bob', 'BOB'],
    ['straße', 'STRASSE'],
    ['Zo\u00eb', 'zoe\u0308'],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
  ])('%s and %s are one', async (one, other) => {
    const room = freshRoom();
    await WireClient.join(server, room, { nick: one });
    expect(await join(room, other)).toBe('nick_taken');
  });

  it('belong to a room: the same one may be in two', async () => {
    expect(await join(freshRoom(), 'bob')).toBe('bob');
    expect(await join(freshRoom(), 'bob')).toBe('bob');
  });

  it('that are taken leave the connection, which joins with another', async () => {
    const room = freshRoom();
    const { client: ann } = await WireClient.join(server, room, { nick: 'bob' });
    const client = await WireClient.open(server, room);
    client.send({ type: 'join', nick: 'bob' });
    expect((await client.next('error')).code).toBe('nick_taken');
    const { welcome } = await client.join({ nick: 'bob2' });
    expect(welcome.nick).toBe('bob2');
    await ann.next('joined', ({ nick }) => nick === 'bob2');
  });

  it('are not checked against those who left', async () => {
    const room = freshRoom();
    const { client } = await WireClient.join(server, room, { nick: 'bob' });
    const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
    await client.leave();
    await ann.next('left');
    expect(await join(room, 'bob')).toBe('bob');
  });
});

describe('rooms’ names', () => {
  const open = async (room: string): Promise<string> => {
    const client = await WireClient.open(server, room);
    client.send({ type: 'join' });
    const outcome = await Promise.race([client.next('welcome'), client.next('error')]);
    return outcome.type === 'welcome' ? outcome.room : `${outcome.code} ${(await client.closed).code}`;
  };

  it.each(['x'.repeat(64), 'Ünïcode', '日本', 'a.b', '-', 'CON', 'aux.txt', 'trailing.', '𝒳'.repeat(64)])(
    'may be %s',
    async (room) => {
      expect(await open(room)).toBe(room.normalize('NFC'));
    },
  );

  it.each(['x'.repeat(65), '.hidden', 'a b', '../x', 'a\\b', 'a/b', 'a\u0000b', 'x\u202ey', 'a\u200bb'])(
    'may not be %j',
    async (room) => {
      expect(await open(room)).toBe('bad_request 4400');
    },
  );

  it('are one in NFC and NFD, and two in another case', async () => {
    const { client } = await WireClient.join(server, 'caf\u00e9', { nick: 'ann' });
    await client.say('hello');
    const decomposed = await WireClient.join(server, 'cafe\u0301', { nick: 'bob' });
    expect(decomposed.welcome).toMatchObject({ room: 'caf\u00e9', present: 2 });
    expect(decomposed.client.of('message')).toHaveLength(1);
    const upper = await WireClient.join(server, 'CAF\u00c9', { nick: 'bob' });
    expect(upper.welcome).toMatchObject({ created: true, present: 1 });
  });
});
