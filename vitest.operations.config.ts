import { defineConfig } from 'vitest/config';

/** The tests with the operators' own tools: promtool, Python, jq. `npm run setup -- --operations` installs them. */
export default defineConfig({
  test: {
    include: ['test/operations/**/*.test.ts'],
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
});
