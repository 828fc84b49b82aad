// Names of 32,000 marks at every door, and a history of 300 messages of dashes that is then opened, while others chat.
// Usage: node test/support/run.js test/soak/stranger-text.ts [--cycles NAMES]

import { sendStrangerText } from '../e2e/hardening/stranger-text.ts';
import { p99 } from '../support/bystander.ts';
import { soak } from './soak.ts';

const P99_MS = 250;
const SHOWN_MS = 10_000;

await soak(100, async ({ cycles }) => {
  const { counted, violations, taken, shownMs } = await sendStrangerText({ names: cycles, messages: 300 });
  const found = [...violations];
  if (p99(taken) > P99_MS) found.push(`the p99 of the others was ${p99(taken).toFixed(0)} ms`);
  if (shownMs > SHOWN_MS) found.push(`the history was shown after ${shownMs.toFixed(0)} ms`);
  const worst = Math.round(taken.at(-1) ?? 0);
  return {
    counted: { ...counted, p99Ms: Math.round(p99(taken)), worstMs: worst, shownMs: Math.round(shownMs) },
    violations: found,
  };
});
