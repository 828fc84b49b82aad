// The scenario of what was taken away and must stay away: kicked clients whose resume keys are tried again, also after a
// crash of the server, and rooms that are deleted while somebody joins and resets without pause. Speaks only what every
// server of this protocol knows, so that an old one can be measured as well.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { bystander, p99 } from '../../support/bystander.ts';
import { ControlClient } from '../../support/control-client.ts';
import type { Outcome } from '../../support/outcome.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import type { Welcome } from '../../support/wire-lines.ts';

export interface RemovedStaysOut {
  /** Clients that are kicked, and rooms that are deleted. */
  readonly rounds: number;
  /** The server is killed after so many kicks. */
  readonly killEvery: number;
}

export interface RemovedOutcome extends Outcome {
  /** What messages of others took, in milliseconds, while all this went on. */
  readonly p99: number;
}

const PASSWORD = 'open sesame';
const ROOM = 'guarded';
/** How often one that joins and resets does so. */
const RESET_MS = 20;
const RESETTERS = 4;

export async function removeAgainAndAgain({ rounds, killEvery }: RemovedStaysOut): Promise<RemovedOutcome> {
  const counted = { kicked: 0, tries: 0, letIn: 0, kills: 0, deletes: 0, busy: 0, failed: 0, resets: 0 };
  const slowest: number[] = [];
  // Outlives the servers that are killed.
  const data = await mkdtemp(join(tmpdir(), 'roomchat-removed-'));
  let server = await startServer({ data });
  const removed: Welcome[] = [];
  try {
    let others = await bystander(server);
    let admin = await ControlClient.open(server, await server.adminToken());
    for (let round = 1; round <= rounds; round++) {
      const { client, welcome } = await WireClient.join(server, ROOM, { password: PASSWORD });
      const { end } = await admin.ask({ type: 'kick', id: welcome.id });
      if (end.type !== 'done') throw new Error(`a kick was answered by ${JSON.stringify(end)}`);
      await client.closed;
      counted.kicked++;
      removed.push(welcome);
      if (round % killEvery === 0) {
        slowest.push(p99(await others.leave()));
        // Right after `done`: what it promised must be on the disk.
        await server.stop('SIGKILL');
        server = await startServer({ data });
        counted.kills++;
        others = await bystander(server);
        admin = await ControlClient.open(server, await server.adminToken());
      }
      for (const one of removed.slice(-5)) {
        counted.tries++;
        if (await isLetIn(server, one, counted.tries)) counted.letIn++;
      }
    }
    await deleteUnderResets(server, admin, rounds, counted);
    slowest.push(p99(await others.leave()));
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
  const violations = [
    counted.letIn > 0 && `${counted.letIn} of ${counted.tries} kicked clients were let in again`,
    counted.busy + counted.failed > 0 &&
      `${counted.busy + counted.failed} of ${counted.deletes} deletes did not succeed`,
  ].filter((sentence) => sentence !== false);
  return { counted, violations, p99: Math.max(...slowest) };
}

/** Whether a resume key opens the room to one that does not know its password. */
async function isLetIn(server: ServerProcess, { id, key }: Welcome, attempt: number): Promise<boolean> {
  const client = await WireClient.open(server, ROOM, { perMessageDeflate: false });
  client.send({ type: 'join', resume: { id, key, attempt } });
  const welcomed = client.next('welcome').then(
    () => true,
    () => false,
  );
  const letIn = await welcomed;
  await client.drop();
  return letIn;
}

async function deleteUnderResets(
  server: ServerProcess,
  admin: ControlClient,
  rounds: number,
  counted: { deletes: number; busy: number; failed: number; resets: number },
): Promise<void> {
  let resetting = true;
  const reset = async (): Promise<void> => {
    while (resetting) {
      const client = await WireClient.open(server, 'haunted', { perMessageDeflate: false });
      client.send({ type: 'join' });
      // Without a word, and often before the answer.
      await pass(RESET_MS * Math.random());
      await client.drop();
      counted.resets++;
    }
  };
  await WireClient.join(server, 'haunted');
  const resetters = Array.from({ length: RESETTERS }, reset);
  try {
    for (let round = 0; round < rounds; round++) {
      // It may just have been deleted, and not be made anew yet.
      const { end } = await admin.ask({ type: 'delete', room: 'haunted' });
      if (end.code === 'not_found') await pass(RESET_MS);
      else counted.deletes++;
      if (end.code === 'busy') counted.busy++;
      else if (end.type !== 'done' && end.code !== 'not_found') counted.failed++;
    }
  } finally {
    resetting = false;
    await Promise.all(resetters);
  }
}
