import { readFile } from 'node:fs/promises';
import { defineConfig } from 'vitest/config';

/** The build embeds the page's parts as text; so do the tests. */
const pagesAsText = {
  name: 'pages-as-text',
  enforce: 'pre' as const,
  async load(id: string) {
    return /\.(html|page\.js)$/.test(id) ? `export default ${JSON.stringify(await readFile(id, 'utf8'))}` : undefined;
  },
};

export default defineConfig({
  plugins: [pagesAsText],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/count-reporter.ts'],
    maxWorkers: 2,
  },
});
