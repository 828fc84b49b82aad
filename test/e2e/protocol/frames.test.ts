// The frames around the lines: text, several lines in one, the newline, the subprotocol, and what is not known.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it('selects the subprotocol where it is offered, and asks for none', async () => {
  const offered = await WireClient.open(server, freshRoom(), { protocols: ['other', 'roomchat.v1'] });
  expect(offered.socket.protocol).toBe('roomchat.v1');
  const none = await WireClient.open(server, freshRoom());
  expect(none.socket.protocol).toBe('');
  await none.join();
});

it('takes one or more lines a frame, with or without the last newline', async () => {
  const { client } = await WireClient.join(server, freshRoom());
  client.sendRaw('{"type":"say","text":"a"}');
  client.sendRaw('{"type":"say","text":"b"}\n');
  client.sendRaw('{"type":"say","text":"c"}\n{"type":"say","text":"d"}');
  await client.said('d');
  expect(client.of('message').map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd']);
});

it('takes a join and what follows it in one frame', async () => {
  const client = await WireClient.open(server, freshRoom());
  client.send({ type: 'join', nick: 'ann' }, { type: 'say', text: 'at once' }, { type: 'who' });
  expect((await client.next('welcome')).nick).toBe('ann');
  await client.next('members');
  await client.count('message', 1);
  expect(client.of('message')[0]?.text).toBe('at once');
});

it('sends text frames of whole lines, each ended by a newline', async () => {
  const room = freshRoom();
  const client = await WireClient.open(server, room);
  const binary: boolean[] = [];
  client.socket.on('message', (_, isBinary) => binary.push(isBinary));
  await client.join({ nick: 'ann' });
  await client.say('x');
  client.send({ type: 'who' }, { type: 'nick', nick: 'anna' }, { type: 'ping' });
  await client.next('pong');
  expect(binary).toHaveLength(client.frames.length);
  expect(binary).not.toContain(true);
  for (const frame of client.frames) expect(frame).toMatch(/^(\{.+\}\n)+$/);
});

it('ignores fields that it does not know', async () => {
  const { client } = await WireClient.join(server, freshRoom(), { nick: 'ann', colour: 'red', __proto__x: {} });
  client.send({ type: 'say', text: 'x', ref: 'r', mood: ['good'], seq: 99, nick: 'forged', id: 'forged' });
  const line = await client.said('x');
  expect(line).not.toHaveProperty('mood');
  expect(line.nick).toBe('ann');
  expect(line.seq).not.toBe(99);
});

it('takes fragments with a control frame between them', async () => {
  const { client } = await WireClient.join(server, freshRoom());
  client.socket.send('{"type":"say",', { fin: false });
  client.socket.ping();
  client.socket.send('"text":"whole"}', { fin: true });
  await client.said('whole');
});

it('serves peers with and without compression the same lines', async () => {
  const room = freshRoom();
  const { client: plain } = await WireClient.join(server, room, {}, { perMessageDeflate: false });
  const { client: small } = await WireClient.join(server, room, {}, { perMessageDeflate: true });
  expect(plain.socket.extensions).toBe('');
  expect(small.socket.extensions).toContain('permessage-deflate');
  const text = 'compressible '.repeat(500);
  await plain.say(text);
  await small.said(text);
  await small.say(`${text}2`);
  await plain.said(`${text}2`);
});
