// 1,000 guesses from one address, then 1,000 from 20; whoever knows the password gets in within 5 s. There are 19 rooms,
// so that each address comes to every one.
// Usage: node test/support/run.js test/soak/password-guesses.ts [--cycles GUESSES]

import { guessPasswords } from '../e2e/hardening/password-guesses.ts';
import { soak } from './soak.ts';

const ENTRY_MS = 5_000;

await soak(1_000, async ({ cycles }) => {
  const { counted, violations, slowestEntry } = await guessPasswords({ cycles, addresses: 20, rooms: 19 });
  const late = slowestEntry > ENTRY_MS ? [`the right password took ${slowestEntry.toFixed(0)} ms to get in`] : [];
  return {
    counted: { ...counted, slowestEntryMs: Math.round(slowestEntry) },
    violations: [...violations, ...late],
  };
});
