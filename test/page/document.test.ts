// The page as it was built: one document, and a small one.

import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { PAGE_DOCUMENT } from '../support/page-document.ts';

// Beside the room itself it holds search, links and code, a bell, sharing and printing: all in the one load of a cold cache.
const MOST_BYTES = 84_000;
const MOST_GZIPPED_BYTES = 30_000;

it('has at most 84 KB, and 30 KB gzipped', () => {
  const sizes = { bytes: PAGE_DOCUMENT.length, gzipped: gzipSync(PAGE_DOCUMENT).length };
  console.log(`The page has ${sizes.bytes} bytes, ${sizes.gzipped} gzipped.`);
  expect(sizes.bytes).toBeLessThanOrEqual(MOST_BYTES);
  expect(sizes.gzipped).toBeLessThanOrEqual(MOST_GZIPPED_BYTES);
});

it('holds nothing that only those need who edit it', () => {
  const html = new TextDecoder().decode(PAGE_DOCUMENT);
  expect(html).toMatch(/^<!doctype html>\n<html lang="en">\n/);
  expect(html).not.toMatch(/<!--|sourceMappingURL/);
});
