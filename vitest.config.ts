import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: './test/support/left-processes.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/count-reporter.ts'],
    // Many tests wait for processes most of the time: with as many as there are cores, some of them idle.
    maxWorkers: 4,
  },
});
