// Nicks that only look like another, or like the server: refused, at the join and afterwards.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it.each<[string, string]>([
  ['a zero-width space', 'an\u200bn'],
  ['a zero-width joiner', 'an\u200dn'],
  ['a word joiner', 'ann\u2060'],
  ['a soft hyphen', 'an\u00adn'],
  ['a right-to-left override', '\u202enna'],
  ['an isolate', '\u2066ann\u2069'],
  ['a byte order mark', '\ufeffann'],
  ['a variation selector', 'ann\ufe0f'],
  ['a Hangul filler', '\u3164'],
  ['a combining mark in front', '\u0301ann'],
  ['a tag character', 'ann\u{e0061}'],
  ['a blank', 'an n'],
  ['a no-break space', 'an\u00a0n'],
  ['nothing', ''],
  ['server', 'server'],
  ['Server', 'Server'],
  ['SERVER', 'SERVER'],
  ['server in full width', '\uff53\uff45\uff52\uff56\uff45\uff52'],
  ['server in Cyrillic but for a v', '\u0455\u0435\u0433v\u0435\u0433'],
  ['admin with a Cyrillic a', '\u0430dmin'],
  ['admin in capitals, with a one', 'ADM1N'],
  ['31 marks on a letter', `a${'\u0301'.repeat(31)}`],
  ['as many marks as a frame holds', `a${'\u0345\u0301'.repeat(16_000)}`],
  ['server with a long s', '\u017ferver'],
])('%s', async (_, nick) => {
  const room = freshRoom();
  const stranger = await WireClient.open(server, room);
  stranger.send({ type: 'join', nick });
  expect((await stranger.next('error')).code).toBe('bad_request');
  expect((await stranger.closed).code).toBe(4400);
  const { client: member } = await WireClient.join(server, room, { nick: 'eve' });
  member.send({ type: 'nick', nick });
  expect((await member.next('error')).code).toBe('bad_request');
});

it('admin in its own letters is a nick like any other', async () => {
  const { welcome } = await WireClient.join(server, freshRoom(), { nick: 'Admin' });
  expect(welcome.nick).toBe('Admin');
});

it.each([
  ['ANN', 'another case'],
  ['\uff41\uff4e\uff4e', 'full width'],
])('%s is taken where ann is here: %s', async (nick) => {
  const room = freshRoom();
  await WireClient.join(server, room, { nick: 'ann' });
  const stranger = await WireClient.open(server, room);
  stranger.send({ type: 'join', nick });
  expect((await stranger.next('error')).code).toBe('nick_taken');
});

it('the composed and the decomposed form of a nick are the same one', async () => {
  const room = freshRoom();
  await WireClient.join(server, room, { nick: 'Ren\u00e9' });
  const stranger = await WireClient.open(server, room);
  stranger.send({ type: 'join', nick: 'rene\u0301' });
  expect((await stranger.next('error')).code).toBe('nick_taken');
});
