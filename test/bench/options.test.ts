import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const BENCH = join(import.meta.dirname, 'bench.ts');

test.each([
  ['a part that there is not', ['--only', 'start,,idle'], "There is no part ''."],
  ['half a round', ['--rounds', '1.5'], 'It is a whole number from 1 on.'],
  ['a word more', ['quick'], 'too many arguments'],
  ['a file that can not be written', ['--json', '/nowhere/x.json'], "It can't be written: ENOENT."],
  ['rough figures for the page', ['--quick', '--docs'], 'leave out --quick'],
])('the bench tells %s before it measures anything', (_, args, told) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BENCH, ...args], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  expect(stderr).toContain(told);
});
