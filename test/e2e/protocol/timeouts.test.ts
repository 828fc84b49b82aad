// What the page gives ten seconds for. The waits are real and run side by side; no test asks that something comes soon,
// only that it comes, and not before its time.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawPeer } from '../../support/raw-http.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Timers count whole milliseconds, and the server's clock starts a moment before or after ours. */
const TEN_SECONDS = 9_900;

const elapsed = (since: number): number => performance.now() - since;

describe.concurrent('within ten seconds', () => {
  it('a join has to come: else join_timeout, 4408', async () => {
    const client = await WireClient.open(server, 'silent');
    const began = performance.now();
    expect((await client.next('error')).code).toBe('join_timeout');
    expect((await client.closed).code).toBe(4408);
    expect(elapsed(began)).toBeGreaterThan(TEN_SECONDS);
  });

  it('a refused nick does not stop that clock', async () => {
    await WireClient.join(server, 'taken', { nick: 'bob' });
    const client = await WireClient.open(server, 'taken');
    client.send({ type: 'join', nick: 'bob' });
    expect((await client.next('error')).code).toBe('nick_taken');
    expect((await client.next('error')).code).toBe('join_timeout');
    expect((await client.closed).code).toBe(4408);
  });

  it('a dropped member may come back in silence; after that it has left, and is announced when it resumes', async () => {
    const { client: ann } = await WireClient.join(server, 'away', { nick: 'ann' });
    const { client: bob, welcome } = await WireClient.join(server, 'away', { nick: 'bob' });
    await ann.next('joined');
    const began = performance.now();
    await bob.drop();
    expect(await ann.next('left')).toMatchObject({ id: welcome.id, nick: 'bob' });
    expect(elapsed(began)).toBeGreaterThan(TEN_SECONDS);
    const { id, key } = welcome;
    const back = await WireClient.join(server, 'away', { nick: 'bob', resume: { id, key, attempt: 1 } });
    expect(back.welcome.id).toBe(id);
    expect(await ann.next('joined')).toMatchObject({ id, nick: 'bob' });
  });

  it('the headers of a request have to come: a peer that sends none, or a few, is ended', async () => {
    const silent = await RawPeer.open(server.port);
    const slow = await RawPeer.open(server.port);
    slow.socket.write('GET /rooms/r HTTP/1.1\r\nHost: 127');
    await Promise.all([silent.ended, slow.ended]);
    expect(slow.received).not.toContain('101');
  });
});
