// The command whose first connection is cut after its join, before its welcome: it comes back under its own nick, whether
// the server has noticed or not.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Command } from '../../support/command.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
const proxies: Server[] = [];
const sockets: Socket[] = [];
beforeAll(async () => {
  server = await startServer();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const proxy of proxies.splice(0)) proxy.close();
});
afterAll(() => server.stop());

/** Passes everything on, but of the first connection nothing that comes after the upgrade: there it hangs up. */
async function cuttingProxy(noticed: boolean): Promise<string> {
  let connections = 0;
  const proxy = createServer((client) => {
    const isFirst = connections++ === 0;
    const target = connect(server.port, '127.0.0.1');
    sockets.push(client, target);
    let isUpgraded = false;
    client.on('error', () => {}).on('data', (chunk) => target.write(chunk));
    target
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        if (!isFirst || !isUpgraded) {
          isUpgraded = true;
          client.write(chunk);
          return;
        }
        client.destroy();
        if (noticed) target.destroy();
      });
  });
  proxies.push(proxy);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy is not bound to a port.');
  return `http://127.0.0.1:${address.port}`;
}

it.each([
  { what: 'a ghost that the server believes in', room: 'believed', noticed: false },
  { what: 'a ghost that is awaited', room: 'awaited', noticed: true },
])('join --nick bob, with $what', async ({ room, noticed }) => {
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const url = await cuttingProxy(noticed);
  const bob = new Command(['join', room, '--server', url, '--nick', 'bob']);
  try {
    await bob.printed('stderr', /lost|retrying/i);
    bob.type('once\n');
    const { nick } = await ann.said('once');
    expect(nick).toBe('bob');
    ann.send({ type: 'who' });
    expect((await ann.next('members')).members.map((member) => member.nick)).toEqual(['ann', 'bob']);
    expect(ann.types.filter((type) => type === 'joined' || type === 'left')).toEqual(['joined']);
    expect(ann.of('message')).toHaveLength(1);
  } finally {
    await bob.stop();
  }
});
