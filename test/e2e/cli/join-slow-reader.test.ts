// `join` where nobody reads what it prints: it takes no more from the server than fits into little memory, and once it is
// read again, every line is there once and in order.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ControlClient } from '../../support/control-client.ts';
import { peakBytes } from '../../support/process-figures.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const MEBIBYTE = 1024 * 1024;
const LINES = 4_300;
/** 64 MiB with the numbers. */
const FILLER = 'x'.repeat(16_000);

let server: ServerProcess;
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startServer();
  const { client } = await WireClient.join(server, 'long', { nick: 'ann' });
  client.socket.removeAllListeners('message');
  const said = new Promise<void>((resolve) => {
    client.socket.on('message', (data) => data.toString().includes(`"text":"${LINES - 1} `) && resolve());
  });
  for (let i = 0; i < LINES; i++) client.send({ type: 'say', text: `${i} ${FILLER}` });
  await said;
  await client.leave();
}, 120_000);

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => server.stop());

/** Nobody reads its output until the test does. */
function join(room: string, ...flags: string[]) {
  const args = [COMMAND, 'join', room, '--server', server.url, '--nick', 'bob', ...flags];
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...server.env },
  });
  children.push(child);
  if (child.pid === undefined) throw new Error('join does not start.');
  return { child, pid: child.pid };
}

/** How many bytes the server has still to send to the client of a room; undefined where there is none. */
async function behind(room: string): Promise<number | undefined> {
  const admin = await ControlClient.open(server, await server.adminToken());
  const { end } = await admin.ask({ type: 'clients', room });
  admin.close();
  const [client]: { behind: number; waiting: number }[] = JSON.parse(JSON.stringify(end.clients));
  return client && client.behind + client.waiting;
}

/** Resolves when the client of a room has taken nothing for a while. Looking too early can only hide what is wrong. */
async function takesNoMore(room: string): Promise<void> {
  let before: number | undefined;
  for (let same = 0; same < 8; ) {
    await pause(250);
    const now = await behind(room);
    same = now !== undefined && now === before ? same + 1 : 0;
    before = now;
  }
}

it.each([
  { how: 'plain', flags: [], number: /^ann: (\d+) x/ },
  { how: '--json', flags: ['--json'], number: /"text":"(\d+) x/ },
])(
  '$how: holds no history in memory',
  async ({ flags, number }) => {
    const idle = join('empty', ...flags);
    await takesNoMore('empty');
    const slow = join('long', ...flags);
    await takesNoMore('long');
    expect(peakBytes(slow.pid) - peakBytes(idle.pid)).toBeLessThan(40 * MEBIBYTE);
    const numbers: number[] = [];
    for await (const line of createInterface({ input: slow.child.stdout })) {
      const found = number.exec(line);
      if (found !== null) numbers.push(Number(found[1]));
      if (numbers.length === LINES) break;
    }
    expect(numbers).toEqual(Array.from({ length: LINES }, (_, i) => i));
  },
  120_000,
);
