// A server that may open 200 files, with as many connections of every kind as it takes: no room wants for a descriptor.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { hasProgram } from '../../support/program.ts';
import { RawPeer } from '../../support/raw-http.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess | undefined;
const peers: RawPeer[] = [];
afterEach(async () => {
  for (const { socket } of peers.splice(0)) socket.destroy();
  await server?.stop();
  server = undefined;
});

/** Connections that only wait: sent `request`, or nothing, until the server has refused some. */
async function fillWithPeers(port: number, count: number, request: string): Promise<void> {
  for (let i = 0; i < count; i++) {
    const peer = await RawPeer.open(port).catch(() => undefined);
    if (peer === undefined) continue;
    peers.push(peer);
    if (request !== '') peer.socket.write(request);
  }
}

async function fillWithClients(url: string, count: number): Promise<number> {
  let inside = 0;
  for (let i = 0; i < count; i++) {
    const client = await WireClient.open({ url }, 'crowd').catch(() => undefined);
    if (client === undefined) continue;
    client.send({ type: 'join' });
    inside++;
  }
  return inside;
}

it('saves the first lines of all rooms that it lets be, whoever is connected', async () => {
  const command = ['bash', '-c', 'ulimit -n 200; exec "$@"', 'bash', process.execPath, COMMAND, 'serve'] as const;
  server = await startServer({ command });
  const { url, port } = server;
  const rooms: WireClient[] = [];
  let refused = 0;
  for (let i = 0; i < 60; i++) {
    const client = await WireClient.open(server, `room-${i}`);
    client.send({ type: 'join', nick: 'ann' });
    const answer = await Promise.race([
      client.next('live').catch(() => undefined),
      client.next('error').catch(() => undefined),
    ]);
    if (answer?.type === 'live') rooms.push(client);
    else if (answer?.type === 'error') refused += answer.code === 'overloaded' ? 1 : 0;
  }
  expect(rooms.length).toBeGreaterThanOrEqual(20);
  expect(rooms.length + refused).toBe(60);
  expect(await fillWithClients(url, 200)).toBeGreaterThan(10);
  await fillWithPeers(port, 100, '');
  await fillWithPeers(port, 100, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await fillWithPeers(port, 100, 'GET / HTTP/1.1\r\n');
  await Promise.all(rooms.map((client) => client.say('first')));
  expect(server.output()).not.toMatch(/not saved|EMFILE/);
});

it.skipIf(!hasProgram('prlimit'))(
  'sends the author of a line away as overloaded where there is none left',
  async () => {
    server = await startServer();
    const { pid } = server;
    const { client, welcome } = await WireClient.join(server, 'lobby', { nick: 'ann' });
    const allow = (files: string) => execFileSync('prlimit', ['--pid', `${pid}`, `--nofile=${files}`]);
    const limits = /^Max open files\s+(\d+)\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'));
    allow('3:');
    client.send({ type: 'say', text: 'first', ref: 'r' });
    expect(await client.next('error')).toMatchObject({ code: 'overloaded' });
    expect(await client.closed).toMatchObject({ code: 1013 });
    allow(`${limits?.[1]}:`);
    const { id, key, epoch } = welcome;
    const again = await WireClient.join(server, 'lobby', {
      nick: 'ann',
      since: 0,
      epoch,
      resume: { id, key, attempt: 1 },
    });
    expect(again.welcome.id).toBe(id);
    expect(again.client.of('message')).toEqual([]);
    expect(await again.client.say('first', 'r')).toMatchObject({ seq: 1, ref: 'r' });
  },
);
