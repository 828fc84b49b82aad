// Measures how the processor time of some work grows with the length of its input. The one place where a test measures time:
// it compares a machine with itself, the lowest of several runs, with a wide margin, and several times before it complains.

import { NEAR_NICK, WORST_TEXTS } from './worst-texts.ts';

export type Work = (text: string) => unknown;

const SMALL_BYTES = 3 * 1024;
const TIMES = 8;
/** Linear is 8; sorting, caches and collecting what a large input leaves behind take more; quadratic is 64. */
const MOST_GROWTH = 24;
/** Microseconds of processor time below which nobody is kept waiting, and nothing can be measured. */
const FLOOR = 4_000;
/** Runs of which the lowest counts, in each attempt: nearly all work is known to be linear after the first. */
const ATTEMPTS = [1, 3, 3, 5, 5];

/** What is not linear in its input, each with its figures; nothing where all is well. */
export async function growsFaster(work: Work): Promise<string[]> {
  const strays: string[] = [];
  // The first of all calls also compiles.
  await work(NEAR_NICK);
  for (const [family, make] of Object.entries(WORST_TEXTS)) {
    const small = make(SMALL_BYTES);
    const large = make(SMALL_BYTES * TIMES);
    let figures: string | undefined;
    for (const runs of ATTEMPTS) {
      figures = undefined;
      const ofLarge = await lowestCost(work, large, runs);
      if (ofLarge <= FLOOR) break;
      // As many as there are in the large one: what little leaves behind is not collected while it is measured, much is.
      const ofSmall = (await lowestCost(repeated(work, TIMES), small, runs)) / TIMES;
      if (ofLarge <= MOST_GROWTH * ofSmall) break;
      figures = `${family}: ${ofSmall} µs, and ${ofLarge} µs for ${TIMES} times as much`;
    }
    if (figures !== undefined) strays.push(figures);
  }
  return strays;
}

function repeated(work: Work, times: number): Work {
  return async (text) => {
    for (let i = 0; i < times; i++) await work(text);
  };
}

async function lowestCost(work: Work, text: string, runs: number): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs && lowest > FLOOR; run++) {
    const before = process.cpuUsage();
    await work(text);
    const { user, system } = process.cpuUsage(before);
    lowest = Math.min(lowest, user + system);
  }
  return lowest;
}

/** A type with all that may be left out there, so that a sample of it has every field. */
export type Whole<T> = T extends string | number | boolean
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Whole<Item>[]
    : { readonly [K in keyof T]-?: Whole<T[K]> };

export interface TextField {
  readonly path: string;
  /** The sample with that text in this field. */
  readonly withText: (text: string) => unknown;
}

/** Each string in each of the samples, at any depth, as a place where a foreign text may stand. */
export function fieldsOf(samples: Readonly<Record<string, unknown>>): TextField[] {
  return Object.entries(samples).flatMap(([name, sample]) => fieldsIn(sample, name));
}

function fieldsIn(sample: unknown, path: string): TextField[] {
  if (typeof sample === 'string') return [{ path, withText: (text) => text }];
  if (typeof sample !== 'object' || sample === null) return [];
  return Object.entries(sample).flatMap(([key, value]) =>
    fieldsIn(value, `${path}.${key}`).map(({ path, withText }) => ({
      path,
      withText: (text: string) =>
        Array.isArray(sample)
          ? sample.map((item, index) => (String(index) === key ? withText(text) : item))
          : { ...sample, [key]: withText(text) },
    })),
  );
}
