// Somebody takes all the places with connections of each idle kind, also before a TLS handshake, while 200 others come: all
// of them get in, and a member's messages arrive with a p99 under 250 ms.
// Usage: node test/support/run.js test/soak/idle-doors.ts [--cycles CONNECTIONS]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdDoors, KINDS } from '../e2e/hardening/idle-doors.ts';
import { Certificates } from '../support/certificates.ts';
import { soak } from './soak.ts';

const P99_MS = 250;

await soak(3_000, async ({ cycles }) => {
  const folder = mkdtempSync(join(tmpdir(), 'roomchat-doors-'));
  const tls = new Certificates(folder).sign('doors', 'IP:127.0.0.1');
  const counted: Record<string, number> = {};
  const found: string[] = [];
  // With those that may wait beside them, two thirds of the connections would take all the places.
  const clients = Math.floor((cycles * 2) / 3 / 1.5);
  for (const kind of KINDS) {
    const outcome = await holdDoors({ kind, cycles, clients, newcomers: 200, ...(kind === 'no handshake' && { tls }) });
    for (const [name, count] of Object.entries({ ...outcome.counted, p99Ms: Math.round(outcome.p99Ms) })) {
      counted[`${kind}: ${name}`] = count;
    }
    found.push(...outcome.violations.map((violation) => `${kind}: ${violation}`));
    if (outcome.p99Ms > P99_MS) found.push(`${kind}: the p99 of a member was ${outcome.p99Ms.toFixed(0)} ms`);
  }
  rmSync(folder, { recursive: true, force: true });
  return { counted, violations: found };
});
