// The limits of sizes and times that have no home elsewhere, at them and one over. Where the others are held:
//   frame and message, fragments      test/e2e/protocol/errors-and-close-codes, limits; test/websocket/conformance
//   headers, clients, addresses       test/e2e/protocol/before-the-upgrade
//   headers' time, join time          test/e2e/protocol/timeouts, silent-sockets here
//   passwords, scrypt                 passwords here; wrong ones by the minute: test/server/throttle
//   wrong tokens, rate, new rooms     test/e2e/protocol/limits
//   open rooms                        test/e2e/protocol/errors-and-close-codes
//   control frames                    control-frames here; test/websocket/control-rate
//   output of a member                test/e2e/faults/amplification; test/server/room
//   ping and pong                     test/e2e/faults/half-open-peer; test/server/heartbeat
//   client's back-off                 test/client/reconnecting

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawPeer } from '../../support/raw-http.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('a text has at most 16 KiB of UTF-8', () => {
  it.each<[string, string, string]>([
    ['Latin', 'x'.repeat(16_384), 'x'.repeat(16_385)],
    ['two bytes each', 'é'.repeat(8_192), `${'é'.repeat(8_192)}x`],
    ['four bytes each', '😀'.repeat(4_096), `${'😀'.repeat(4_096)}x`],
    // A newline is two characters in the log's line, and a control character six.
    ['newlines', '\n'.repeat(16_384), '\n'.repeat(16_385)],
  ])('%s', async (_, fits, over) => {
    const room = freshRoom();
    const { client } = await WireClient.join(server, room);
    expect((await client.say(fits, 'fits')).text).toBe(fits);
    client.send({ type: 'say', text: over, ref: 'over' });
    expect(await client.next('error')).toMatchObject({ code: 'too_long', ref: 'over' });
    const { client: late } = await WireClient.join(server, room);
    expect(late.of('message').map(({ text }) => text)).toEqual([fits]);
  });

  it('and at most 48 KiB as a line of the log', async () => {
    const { client } = await WireClient.join(server, freshRoom());
    client.send({ type: 'say', text: '\u0001'.repeat(9_000), ref: 'escapes' });
    expect(await client.next('error')).toMatchObject({ code: 'too_long', ref: 'escapes' });
    await client.say('\u0001'.repeat(8_000), 'fewer');
  });
});

describe('names', () => {
  it.each([
    ['32 characters', 'n'.repeat(32), 'n'.repeat(33)],
    ['32 characters beyond the basic plane', '𐐷'.repeat(32), '𐐷'.repeat(33)],
  ])('a nick has at most %s', async (_, fits, over) => {
    const room = freshRoom();
    const { welcome } = await WireClient.join(server, room, { nick: fits });
    expect(welcome.nick).toBe(fits);
    const client = await WireClient.open(server, room);
    client.send({ type: 'join', nick: over });
    expect((await client.closed).code).toBe(4400);
  });

  it('a room has at most 64 characters', async () => {
    const fits = 'r'.repeat(64);
    expect((await WireClient.join(server, fits)).welcome.room).toBe(fits);
    const client = await WireClient.open(server, `${fits}r`);
    expect((await client.next('error')).code).toBe('bad_request');
    expect((await client.closed).code).toBe(4400);
  });

  it('a ref has 1 to 64 characters', async () => {
    const { client } = await WireClient.join(server, freshRoom());
    const ref = 'f'.repeat(64);
    expect((await client.say('fits', ref)).ref).toBe(ref);
    client.send({ type: 'say', text: 'over', ref: `${ref}f` });
    expect((await client.next('error')).code).toBe('bad_request');
  });
});

it('the closing handshake takes at most 5 s: a peer that does not answer is cut off then, and not before', async () => {
  const peer = await RawPeer.upgraded(server.port, `/rooms/${freshRoom()}`);
  const began = performance.now();
  // An empty binary frame, masked with zeros: the server closes with 1003, and this peer says nothing to that.
  peer.socket.write(Buffer.from([0x82, 0x80, 0, 0, 0, 0]));
  expect(await peer.closeCode()).toBe(1003);
  expect(performance.now() - began).toBeGreaterThan(4_900);
});

it('the metrics count refusals by status and by code', async () => {
  const { client } = await WireClient.join(server, freshRoom(), { nick: 'ann' });
  client.send({ type: 'say', text: 'x'.repeat(16_385) });
  await client.next('error');
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toMatch(/^roomchat_refusals_total\{reason="too_long"\} [1-9]/m);
});
