import { defineConfig } from 'vitest/config';

/** The tests on a real Docker engine and a real systemd, where the machine can start them. */
export default defineConfig({
  test: {
    include: ['test/deployment/**/*.test.ts'],
    maxWorkers: 2,
    maxConcurrency: 10,
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
});
