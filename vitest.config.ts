import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/deployment/**', 'test/operations/**', 'test/slow/**'],
    // The tests of real processes wait more than they work.
    maxWorkers: 4,
    maxConcurrency: 2,
    // Files share the modules of their worker: to load them for each file took half of the time.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
});
