// Waits for what comes when it comes: asks again and again, and fails with a sentence long after it should have come.

import { setTimeout as pass } from 'node:timers/promises';

const PAUSE_MS = 50;

/** Resolves with the first answer that is neither `undefined` nor `false`; who cannot answer yet may reject. */
export async function eventually<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  for (const deadline = Date.now() + withinMs; ; ) {
    let cause: unknown;
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}.`, { cause });
    await pass(PAUSE_MS);
  }
}
