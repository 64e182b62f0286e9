import { defineConfig } from 'vitest/config';

/** The tests that need real minutes: crashes whose locks must expire, and a full minute of the budget. */
export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts'],
    // They wait far more than they work.
    maxWorkers: 4,
    maxConcurrency: 10,
    testTimeout: 180_000,
    hookTimeout: 30_000,
  },
});
