// Ports that are free on loopback, for servers that cannot say which they were given, and that come back on the same ones.

import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Below those that systems give to whoever asks for any, so that nobody takes one while its server is away. */
const [FIRST, END] = [10_000, 32_768];

export async function freePorts(count: number): Promise<number[]> {
  // Held until all are found: no two are the same.
  const held = new Map<number, Server>();
  while (held.size < count) {
    const port = randomInt(FIRST, END);
    const server = await hold(port);
    if (server !== undefined) held.set(port, server);
  }
  await Promise.all([...held.values()].map((server) => new Promise((done) => server.close(done))));
  return [...held.keys()];
}

/** Undefined where somebody else has it. */
function hold(port: number): Promise<Server | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(undefined));
    server.listen(port, '127.0.0.1', () => done(server));
  });
}
