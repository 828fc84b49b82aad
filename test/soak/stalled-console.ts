// A console that nobody reads, and how long receipts take meanwhile.
// Usage: node test/support/run.js test/soak/stalled-console.ts [--cycles RECEIPTS]

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND } from '../support/server-process.ts';
import { WireClient } from '../support/wire-client.ts';
import { soak } from './soak.ts';

/** Below this a difference is the machine's own. */
const NOISE_MS = 5;
/** With each receipt that is measured so much more is said that the console soon holds all that it may. */
const BESIDE = 10;
const TEXT = 'x'.repeat(1_000);

await soak(1_000, async ({ cycles }) => {
  const state = mkdtempSync(join(tmpdir(), 'roomchat-console-'));
  const server = spawn(process.execPath, [COMMAND, 'serve', '--port', '0', '--ephemeral'], {
    env: { ...process.env, XDG_STATE_HOME: state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  server.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
  });
  const listening = /listening on (\S+),/;
  const droppedLines = /warning: (\d+) console lines were dropped/;
  const heard = async (pattern: RegExp) => {
    for (;;) {
      const [, found] = pattern.exec(printed) ?? [];
      if (found !== undefined) return found;
      await once(server.stdout, 'data');
    }
  };
  const url = await heard(listening);
  const { client } = await WireClient.join({ url }, 'lobby');
  const calm = await p99(client, cycles);
  server.stdout.pause();
  printed = '';
  const stalled = await p99(client, cycles);
  server.stdout.resume();
  const dropped = Number(await heard(droppedLines));
  server.kill('SIGKILL');
  await once(server, 'exit');
  rmSync(state, { recursive: true, force: true });
  const isSlow = stalled > Math.max(2 * calm, NOISE_MS);
  return {
    counted: { receipts: 2 * cycles, dropped, p99Ms: Math.round(calm), p99StalledMs: Math.round(stalled) },
    violations: isSlow ? [`the p99 of receipts rose from ${calm} to ${stalled} ms`] : [],
  };
});

/** How long receipts take: milliseconds. */
async function p99(client: WireClient, count: number): Promise<number> {
  const delays: number[] = [];
  for (let i = 0; i < count; i += 1) {
    client.send(...Array.from({ length: BESIDE }, () => ({ type: 'say', text: TEXT })));
    const began = performance.now();
    await client.say(`${began}`);
    delays.push(performance.now() - began);
  }
  return delays.sort((a, b) => a - b)[Math.floor(count * 0.99)] ?? 0;
}
