// The scenario of damage: bytes of logs change under a server, in rooms that are closed and in rooms that are open. Each is
// found, none is served, and a repair loses exactly what it announces.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { variedLines } from '../../log/summed-room.ts';
import { random } from '../../log/support-lines.ts';
import { ControlClient } from '../../support/control-client.ts';
import type { Outcome } from '../../support/outcome.ts';
import { startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

export interface Damage {
  readonly cycles: number;
  readonly seed: number;
}

interface Hole {
  readonly offset: number;
  readonly length: number;
  readonly missing: number;
}

const MOST_FLIPS = 4;

export async function damageLogs({ cycles, seed }: Damage): Promise<Outcome> {
  const next = random(seed);
  const server = await startServer();
  const violations: string[] = [];
  const counted = { cycles: 0, flips: 0, lines: 0, lost: 0 };
  try {
    const admin = await ControlClient.open(server, await server.adminToken());
    for (let cycle = 0; cycle < cycles && violations.length < 10; cycle += 1) {
      const room = `damaged-${cycle}`;
      const lines = variedLines(50 + next(3_000), next(1_000_000));
      const wrong = (what: string) => violations.push(`seed ${seed}, cycle ${cycle}: ${what}`);
      await admin.ask({ type: 'import', room, open: true });
      for (const line of lines) admin.sendRaw(line);
      const { end: made } = await admin.ask({ type: 'imported' });
      if (made.lines !== lines.length) wrong(`an import of ${lines.length} lines answered ${JSON.stringify(made)}`);

      const member = next(2) === 0 ? await WireClient.join(server, room, { last: 0 }) : undefined;
      const log = join(server.data, 'rooms', room, 'log.ndjson');
      const flips = damage(log, next);
      counted.flips += flips.length;

      const { end: verified } = await admin.ask({ type: 'verify', room });
      if (!JSON.stringify(verified).includes('"reason"')) wrong(`verify found nothing of ${flips}`);
      const { end: plan } = await admin.ask({ type: 'repair', room });
      const holes = holesOf(plan.holes);
      for (const at of flips) {
        if (!holes.some(({ offset, length }) => offset <= at && at < offset + length))
          wrong(`byte ${at} was not found`);
      }
      await readDamaged(server, room, new Set(lines), wrong);

      await admin.ask({ type: 'repair', room, yes: true });
      await member?.client.closed;
      const { client } = await WireClient.join(server, room);
      const kept = client.raw.filter((line) => isLogged(line));
      const notices = kept.filter((line) => line.includes('missing here'));
      const original = new Set(lines);
      const sound = kept.filter((line) => original.has(line));
      const announced = holes.reduce((sum, { missing }) => sum + missing, 0);
      if (sound.length + notices.length !== kept.length) wrong('a line was served that nobody has said');
      if (lines.length - sound.length !== announced) {
        wrong(`${lines.length - sound.length} lines are lost, and ${announced} were announced`);
      }
      const { end: again } = await admin.ask({ type: 'verify', room });
      if (JSON.stringify(again).includes('"reason"')) wrong(`the repaired log is not sound: ${JSON.stringify(again)}`);
      await client.say('goes on');
      await client.leave();
      await admin.ask({ type: 'delete', room });
      counted.cycles += 1;
      counted.lines += lines.length;
      counted.lost += announced;
    }
    admin.close();
  } finally {
    await server.stop();
  }
  return { counted, violations };
}

/** Changes a few bytes of a file, each into any other, and answers where. */
function damage(path: string, next: (below: number) => number): number[] {
  const content = readFileSync(path);
  const flips = Array.from({ length: 1 + next(MOST_FLIPS) }, () => next(content.length));
  for (const at of new Set(flips)) content[at] = ((content[at] ?? 0) + 1 + next(255)) % 256;
  // In place, as a disk would: who has the file open sees it too.
  writeFileSync(path, content, { flag: 'r+' });
  return [...new Set(flips)];
}

/** Reads a damaged room from its beginning and from the end: whatever comes was said. */
async function readDamaged(
  server: { readonly url: string },
  room: string,
  lines: ReadonlySet<string>,
  wrong: (what: string) => void,
): Promise<void> {
  for (const start of [{ last: 5 }, {}]) {
    const reader = await WireClient.open(server, room);
    reader.send({ type: 'join', ...start });
    const live = reader.next('live').catch(() => undefined);
    const ended = await Promise.race([reader.closed, live]);
    // From the beginning every damage is on the way.
    const reachedTheEnd = ended !== undefined && 'seq' in ended;
    if (!('last' in start) && reachedTheEnd) wrong('a damaged log was served to its end');
    const foreign = reader.raw.filter((line) => isLogged(line) && !lines.has(line));
    if (foreign.length > 0) wrong(`a line was served that nobody has said: ${foreign[0]}`);
    reader.socket.terminate();
    await reader.closed;
  }
}

function isLogged(line: string): boolean {
  return line.startsWith('{"type":"message"') || line.startsWith('{"type":"notice"');
}

function holesOf(value: unknown): Hole[] {
  const holes: Hole[] = [];
  if (Array.isArray(value)) for (const hole of value) holes.push(hole);
  return holes;
}
