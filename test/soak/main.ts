// Runs every soak in turn, each as a process of its own, and ends with 1 where one of them found something.
// Usage: npm run soak [-- --short]

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

interface Soak {
  readonly script: string;
  /** Arguments of a run of a few seconds; without any, a script does its full figures. */
  readonly short: readonly string[];
}

const SOAKS: readonly Soak[] = [
  { script: 'killed-server', short: ['--cycles', '10'] },
  { script: 'cut-off', short: ['--cycles', '400'] },
  { script: 'sync-always', short: ['--cycles', '1000'] },
  { script: 'busy-room', short: ['--cycles', '4'] },
  { script: 'frozen-reader', short: ['--cycles', '10'] },
  { script: 'stalled-console', short: ['--cycles', '300'] },
  { script: 'restart', short: ['--cycles', '1'] },
  { script: 'lock-race', short: ['4'] },
  { script: 'slow-disk', short: ['--cycles', '12'] },
  { script: 'torn-tail', short: ['500'] },
  { script: 'damage', short: ['--cycles', '15'] },
  { script: 'shapes', short: ['--cycles', '20000'] },
  { script: 'password-guesses', short: ['--cycles', '100'] },
  { script: 'password-prefixes', short: ['--cycles', '2'] },
  { script: 'removed-stays-out', short: ['--cycles', '20'] },
  { script: 'scrypt-flood', short: ['--cycles', '40'] },
  { script: 'stranger-text', short: ['--cycles', '10'] },
  { script: 'address-budgets', short: ['--cycles', '1500'] },
  { script: 'silent-sockets', short: ['--cycles', '100'] },
  { script: 'idle-doors', short: ['--cycles', '300'] },
  { script: 'too-many-files', short: ['--cycles', '100'] },
  { script: 'header-traps', short: ['--cycles', '400'] },
  { script: 'proxies', short: ['--cycles', '500'] },
  { script: 'sanitise', short: ['5000'] },
  { script: 'cluster', short: ['--cycles', '5'] },
  { script: 'websocket-fuzz', short: ['20000'] },
];

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
const failed: string[] = [];
for (const { script, short } of SOAKS) {
  const args = ['test/support/run.js', `test/soak/${script}.ts`, ...(values.short ? short : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) failed.push(script);
}
console.log(`${SOAKS.length} soaks, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}`);
process.exitCode = failed.length === 0 ? 0 : 1;
