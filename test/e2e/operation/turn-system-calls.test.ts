// What a turn costs the real server in system calls: one write to the log, one to each member, one to the console, and
// nothing else, however many messages the turn has. Needs strace: without it the test is skipped, but never in CI.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const MEMBERS = 20;
const MESSAGES = 10;
/** However fast they join, each of them is told of by a line of its own. */
const FEW = 10;

const hasStrace = process.platform === 'linux' && spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) process.stderr.write('strace is not installed: the system calls of a turn are NOT counted.\n');

it.skipIf(!hasStrace && process.env.CI === undefined)('one write a log, a member and the console', async () => {
  const server = await startServer();
  const folder = await mkdtemp(join(tmpdir(), 'roomchat-strace-'));
  try {
    const clients: WireClient[] = [];
    for (let i = 0; i < MEMBERS; i++) clients.push((await WireClient.join(server, 'lobby', { nick: `m${i}` })).client);
    const [author] = clients;
    // The first message also makes the log's mark durable.
    await author?.say('first');
    for (const client of clients) await client.fence();
    await server.printed(/first/);

    const calls = await traced(server.pid, join(folder, 'calls'), async () => {
      const says = Array.from({ length: MESSAGES }, (_, i) => ({ type: 'say', text: `message ${i}` }));
      author?.send(...says);
      await Promise.all(clients.map((client) => client.said(`message ${MESSAGES - 1}`)));
      await server.printed(new RegExp(`message ${MESSAGES - 1}`));
    });
    expect(calls).toEqual({ log: 1, sockets: MEMBERS, console: 1, other: 0 });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

it.skipIf(!hasStrace && process.env.CI === undefined)(
  'a join: one write a member, and two to whoever joins',
  async () => {
    const server = await startServer();
    const folder = await mkdtemp(join(tmpdir(), 'roomchat-strace-'));
    try {
      const clients: WireClient[] = [];
      for (let i = 0; i < FEW; i++) clients.push((await WireClient.join(server, 'lobby', { nick: `m${i}` })).client);
      // Nothing is left to tell: what is told next is told of the newcomer.
      for (const client of clients.slice(0, -1)) await client.next('joined', ({ nick }) => nick === `m${FEW - 1}`);

      const calls = await traced(server.pid, join(folder, 'calls'), async () => {
        await WireClient.join(server, 'lobby', { nick: 'newcomer' });
        await Promise.all(clients.map((client) => client.next('joined', ({ nick }) => nick === 'newcomer')));
        await server.printed(/newcomer/);
      });
      // The answer to the upgrade, and the welcome with "live".
      expect(calls).toEqual({ log: 0, sockets: FEW + 2, console: 1, other: 0 });
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
);

/** The writes that the process makes meanwhile, by what they go to. */
async function traced(pid: number, file: string, work: () => Promise<void>) {
  const trace = 'trace=write,writev,pwrite64,pwritev,sendto,sendmsg';
  const strace = spawn('strace', ['-f', '-y', '-s', '0', '-e', trace, '-o', file, '-p', `${pid}`]);
  const ended = once(strace, 'exit');
  const [said] = await once(strace.stderr, 'data');
  expect(String(said)).toMatch(/attached/);
  await work();
  strace.kill('SIGINT');
  await ended;
  const calls = { log: 0, sockets: 0, console: 0, other: 0 };
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, descriptor, target] = /\w+\((\d+)<([^>]*)>/.exec(line) ?? [];
    // Threads wake each other by an eventfd.
    if (target === undefined || target.includes('eventfd')) continue;
    if (descriptor === '1') calls.console++;
    else if (target.endsWith('log.ndjson')) calls.log++;
    else if (target.startsWith('socket:')) calls.sockets++;
    else calls.other++;
  }
  return calls;
}
