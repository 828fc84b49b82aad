import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The build embeds the page's parts as text; so do the tests. With `?code` one is the module itself, and what it imports. */
const pagesAsText = {
  name: 'pages-as-text',
  enforce: 'pre' as const,
  resolveId(source: string, importer: string | undefined) {
    return importer?.endsWith('.page.js?code') ? `${resolve(dirname(importer), source)}?code` : undefined;
  },
  async load(id: string) {
    return /\.(html|page\.js)$/.test(id) ? `export default ${JSON.stringify(await readFile(id, 'utf8'))}` : undefined;
  },
};

export default defineConfig({
  plugins: [pagesAsText],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: './test/support/left-processes.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/count-reporter.ts'],
    maxWorkers: 2,
  },
});
