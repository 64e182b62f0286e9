import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { OPERATIONS_PROGRAMS } from '../../scripts/setup-plan.mjs';

test.each(OPERATIONS_PROGRAMS)(
  '%s is installed: npm run setup -- --operations installs it',
  (program) => {
    expect(spawnSync(program, ['--version']).error).toBeUndefined();
  },
);
