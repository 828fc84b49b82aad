// The frame of a soak script: reads its flags, runs it, prints what it counted in one closing line, and answers by the
// exit code whether everything held.

import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome } from '../support/outcome.ts';

export interface SoakFigures {
  /** Rounds, messages, whatever the script goes by. */
  readonly cycles: number;
  readonly seed: number;
}

/** `full` is how much it does without `--cycles`. */
export async function soak(full: number, run: (figures: SoakFigures) => Promise<Outcome>): Promise<void> {
  const { values } = parseArgs({ options: { cycles: { type: 'string' }, seed: { type: 'string' } } });
  const cycles = Number(values.cycles ?? full);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  if (!Number.isSafeInteger(cycles) || !Number.isSafeInteger(seed))
    throw new Error('--cycles and --seed take numbers.');
  const began = performance.now();
  const { counted, violations } = await run({ cycles, seed });
  for (const violation of violations) console.log(violation);
  const name = basename(process.argv[1] ?? '', '.js');
  const figures = Object.entries(counted).map(([what, count]) => `${what} ${count}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${name}: seed ${seed}, ${figures.join(', ')}, violations ${violations.length}, in ${seconds} s`);
  process.exit(violations.length === 0 ? 0 : 1);
}
