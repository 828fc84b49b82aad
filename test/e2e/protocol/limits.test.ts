// The limits that a peer can feel: slowed, refused or ended as the tables say, and never at others' cost.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { request, upgradeRequest } from '../../support/raw-http.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer({ args: ['--trust-proxy', '--rate', '50'] });
});
afterAll(() => server.stop());

let addresses = 0;
/** Each test comes from an address of its own, as a proxy would tell it. */
const elsewhere = () => ({ headers: { 'X-Forwarded-For': `203.0.113.${++addresses}` } });

describe('above the rate', () => {
  it('a connection is slowed, and nothing is lost, refused or out of order', async () => {
    const { client } = await WireClient.join(server, freshRoom(), {}, elsewhere());
    const messages = 500 + 60;
    const began = process.hrtime.bigint();
    for (let i = 0; i < messages; i++) client.send({ type: 'say', text: String(i) });
    await client.count('message', messages);
    const milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
    // 500 at once, then 50 a second; half of that is left to how a chunk is counted.
    expect(milliseconds).toBeGreaterThan(500);
    expect(client.of('message').map(({ text }) => text)).toEqual(Array.from({ length: messages }, (_, i) => `${i}`));
    expect(client.of('error')).toEqual([]);
  });

  it('others in the room are not slowed', async () => {
    const room = freshRoom();
    const { client: flood } = await WireClient.join(server, room, {}, elsewhere());
    const { client: calm } = await WireClient.join(server, room, {}, elsewhere());
    for (let i = 0; i < 700; i++) flood.send({ type: 'say', text: String(i) });
    await calm.count('message', 500);
    await calm.say('in between');
    expect(calm.of('message').length).toBeLessThan(701);
  });

  it('commands of any kind count', async () => {
    const { client } = await WireClient.join(server, freshRoom(), {}, elsewhere());
    const began = process.hrtime.bigint();
    for (let i = 0; i < 560; i++) client.send({ type: 'ping' });
    await client.count('pong', 560);
    expect(Number(process.hrtime.bigint() - began) / 1e6).toBeGreaterThan(500);
  });

  it('loopback is exempt', async () => {
    const local = await startServer({ args: ['--rate', '1'] });
    onTestFinished(async () => void (await local.stop()));
    const { client } = await WireClient.join(local, 'r');
    for (let i = 0; i < 3_000; i++) client.send({ type: 'say', text: String(i) });
    await client.count('message', 3_000);
  });
});

it('an address makes 60 rooms an hour; the next is refused as overloaded, those that exist are open to it', async () => {
  const from = elsewhere();
  const rooms = Array.from({ length: 60 }, freshRoom);
  for (const room of rooms) await (await WireClient.join(server, room, {}, from)).client.leave();
  const client = await WireClient.open(server, freshRoom(), from);
  client.send({ type: 'join' });
  expect((await client.next('error')).code).toBe('overloaded');
  expect((await client.closed).code).toBe(1013);
  const { welcome } = await WireClient.join(server, rooms[0] ?? '', {}, from);
  expect(welcome.created).toBe(false);
  expect((await WireClient.join(server, freshRoom(), {}, elsewhere())).welcome.created).toBe(true);
});

it('five wrong tokens a minute an address are answered by 401, the next by 429; the right one always opens', async () => {
  const from = elsewhere().headers['X-Forwarded-For'];
  const token = await server.adminToken();
  const status = async (bearer: string, address: string) => {
    const raw = upgradeRequest(server.port, '/admin');
    raw.headers.push(['Authorization', `Bearer ${bearer}`], ['X-Forwarded-For', address]);
    return (await request(server.port, raw)).status;
  };
  for (let i = 0; i < 5; i++) expect(await status(`wrong-${i}`, from)).toBe(401);
  expect(await status('wrong', from)).toBe(429);
  expect(await status(token, from)).toBe(101);
  expect(await status('wrong', from)).toBe(429);
  expect(await status('wrong', '203.0.113.250')).toBe(401);
});

it('a message has at most 128 fragments', async () => {
  const fragments = async (count: number) => {
    const { client } = await WireClient.join(server, freshRoom(), {}, { ...elsewhere(), perMessageDeflate: false });
    const pieces = ['{"type":"ping"', ...Array.from({ length: count - 2 }, () => ' '), '}'];
    for (const [index, piece] of pieces.entries()) client.socket.send(piece, { fin: index === count - 1 });
    return client;
  };
  await (await fragments(128)).next('pong');
  expect((await (await fragments(129)).closed).code).toBe(1009);
});

it('wrong passwords are counted by address: another address gets in at once', async () => {
  const room = freshRoom();
  await WireClient.join(server, room, { password: 'right' }, elsewhere());
  const guesser = elsewhere();
  const codes: string[] = [];
  for (let i = 0; i < 5; i++) {
    const client = await WireClient.open(server, room, guesser);
    client.send({ type: 'join', password: `guess ${i}` });
    codes.push((await client.next('error')).code);
  }
  expect(codes).toEqual(['password_wrong', 'password_wrong', 'password_wrong', 'throttled', 'throttled']);
  await WireClient.join(server, room, { password: 'right' }, elsewhere());
});
