// The scenario of system calls that fail once, each in its turn: somebody speaks in an open room, in one that has to be
// opened, and in a new one, while the next such call on a room's files answers EIO.

import { setTimeout as pass } from 'node:timers/promises';
import type { Outcome } from '../../support/outcome.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { SlowDisk } from '../../support/slow-disk.ts';
import { WireClient } from '../../support/wire-client.ts';
import { Ledger } from './ledger.ts';
import type { SyncMode } from './slow-disk.ts';

const SYNCS = ['fsync', 'fdatasync'];
const OTHERS = ['open', 'close', 'fstat', 'read', 'write', 'ftruncate', 'fchmod', 'mkdir', 'rename', 'unlink'];
/** Longer than a failed sync may take to end the server, and long enough for anything else to do so. */
const PATIENCE_MS = 5_000;
const SOON_MS = 500;

export async function failingCalls(sync: SyncMode): Promise<Outcome> {
  const disk = new SlowDisk();
  const ledger = new Ledger();
  const violations: string[] = [];
  let failed = 0;
  try {
    for (const call of [...SYNCS, ...OTHERS]) {
      disk.set({ latency: 0 });
      const server = await disk.serve(sync);
      const { client } = await WireClient.join(server, 'open', { last: 0 });
      ledger.say(client);
      await ledger.settled(client);
      disk.set({ latency: 0, failOnce: call });
      ledger.say(client);
      const others = [await visit(server, 'closed', ledger), await visit(server, `new-${call}`, ledger)];
      const isDown = await Promise.race([ended(client), pass(SYNCS.includes(call) ? PATIENCE_MS : SOON_MS, false)]);
      if (isDown && !SYNCS.includes(call)) violations.push(`${call}: the server ended: ${server.output().slice(-500)}`);
      if (!isDown) {
        // It failed, or was not called at all: either way all goes on now.
        disk.set({ latency: 0 });
        ledger.say(client);
        await ledger.settled(client);
      }
      for (const one of [client, ...others]) if (one !== undefined) ledger.forget(one);
      const exitCode = await server.stop();
      if (exitCode !== (isDown ? 1 : 0)) violations.push(`${call}: the server ended with ${exitCode}`);
      if (/made to fail|EIO/.test(server.output())) failed += 1;
    }
    violations.push(...(await ledger.check(disk.data)));
    return { counted: { callsSaid: failed, messages: ledger.receipts }, violations };
  } finally {
    disk.remove();
  }
}

/** Joins a room and speaks, as far as the server lets it. */
async function visit(server: ServerProcess, room: string, ledger: Ledger): Promise<WireClient | undefined> {
  try {
    const client = await WireClient.open(server, room);
    client.send({ type: 'join', last: 0 });
    const come = async () => {
      while (client.of('welcome').length === 0) await pass(10);
      return true;
    };
    if (!(await Promise.race([come(), ended(client), pass(PATIENCE_MS, false)]))) return undefined;
    if (client.of('welcome').length > 0) ledger.say(client);
    return client;
  } catch {
    // The server is down already.
    return undefined;
  }
}

async function ended(client: WireClient): Promise<boolean> {
  await client.closed;
  return true;
}
