// 60 guessers, each guess from a fresh /64, while 10 times somebody comes who has been in before, and 10 times somebody new:
// everybody who knows the password gets in at the first try, and the p99 of other members is under 250 ms.
// Usage: node test/support/run.js test/soak/password-prefixes.ts [--cycles LOGINS]

import { FLOODS, guessFromPrefixes } from '../e2e/hardening/password-prefixes.ts';
import { soak } from './soak.ts';

const KNOWN_MS = 5_000;
const FRESH_MS = 30_000;
const P99_MS = 250;

await soak(10, async ({ cycles }) => {
  const counted: Record<string, number> = {};
  const found: string[] = [];
  for (const flood of FLOODS) {
    const { slowest, p99Ms, ...outcome } = await guessFromPrefixes({ flood, guessers: 60, logins: cycles });
    const figures = { slowestKnownMs: slowest.known, slowestFreshMs: slowest.fresh, p99Ms };
    for (const [name, count] of Object.entries({ ...outcome.counted, ...figures })) {
      counted[`${flood}: ${name}`] = Math.round(count);
    }
    found.push(...outcome.violations.map((violation) => `${flood}: ${violation}`));
    if (slowest.known > KNOWN_MS) found.push(`${flood}: somebody known waited ${slowest.known.toFixed(0)} ms`);
    if (slowest.fresh > FRESH_MS) found.push(`${flood}: somebody new waited ${slowest.fresh.toFixed(0)} ms`);
    if (p99Ms > P99_MS) found.push(`${flood}: the p99 of a member was ${p99Ms.toFixed(0)} ms`);
  }
  return { counted, violations: found };
});
