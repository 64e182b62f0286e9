import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { OPERATIONS_PROGRAMS } from '../../scripts/setup-plan.mjs';

test.each(OPERATIONS_PROGRAMS)('%s is here: npm run setup -- --operations brings it', (program) => {
  expect(spawnSync(program, ['--version']).error).toBeUndefined();
});
