// Every promise has an owner: what it rejects with is somebody's to handle. That one is not simply forgotten is the
// linter's to find (`noFloatingPromises`); but it takes `void` for an answer, and that owns nothing.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import biome from '../biome.json' with { type: 'json' };

const SRC = resolve(import.meta.dirname, '../src');
/** The operator; the type of that name has no expression behind it. */
const VOID = /\bvoid\s+[\w#([]/;

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

it('no promise is floating, nor waved through by `void`', () => {
  expect(biome.linter.rules.nursery.noFloatingPromises).toBe('error');
  expect(sources.length).toBeGreaterThan(50);
  const waved = sources.flatMap((name) =>
    readFileSync(join(SRC, name), 'utf8')
      .split('\n')
      .flatMap((line, i) => (VOID.test(line) ? [`${name}:${i + 1}: ${line.trim()}`] : [])),
  );
  expect(waved).toEqual([]);
});
