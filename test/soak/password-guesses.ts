// 1,000 guesses from one address, then 1,000 from 20, over 20 rooms; whoever knows the password gets in within 5 s.
// Usage: node test/support/run.js test/soak/password-guesses.ts [--cycles GUESSES]

import { guessPasswords } from '../e2e/hardening/password-guesses.ts';
import { soak } from './soak.ts';

const ENTRY_MS = 5_000;

await soak(1_000, async ({ cycles }) => {
  const { counted, violations, slowestEntry } = await guessPasswords({ cycles, addresses: 20, rooms: 20 });
  const late = slowestEntry > ENTRY_MS ? [`the right password took ${slowestEntry.toFixed(0)} ms to get in`] : [];
  return {
    counted: { ...counted, slowestEntryMs: Math.round(slowestEntry) },
    violations: [...violations, ...late],
  };
});
