import { defineConfig } from 'vitest/config';

/** What is checked with the operators' own tools: systemd, promtool, jq. `npm run setup -- --operations` brings them. */
export default defineConfig({
  test: {
    include: ['test/operations/**/*.test.ts'],
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
});
