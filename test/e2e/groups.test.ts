import { expect, test } from 'vitest';
import { SAAS_GROUP_ID, SANDBOX_GROUPS } from '../../src/sandbox/account.ts';
import { relayBench } from '../helpers/relay-bench.ts';

test('groups lists each group and its status in 80 columns', async () => {
  await using bench = await relayBench();
  const { code, stdout } = await bench.run(['groups']);
  expect(code).toBe(0);
  for (const { id, tracking } of SANDBOX_GROUPS) {
    expect(stdout).toMatch(new RegExp(`^${id} +${tracking ? 'tracking' : 'pending access'} `, 'm'));
  }
  expect(stdout).toContain('3 of 4 tracked.');
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);

  const { stdout: json } = await bench.run(['groups', '--json']);
  expect((JSON.parse(json) as { groups: unknown[] }).groups).toHaveLength(4);
});

test('group shows its keywords and latest mentions', async () => {
  await using bench = await relayBench({ backlog: 30 });
  const { code, stdout } = await bench.run(['group', SAAS_GROUP_ID]);
  expect(code).toBe(0);
  expect(stdout).toContain(`SaaS Growth & Marketing Lounge (${SAAS_GROUP_ID})`);
  expect(stdout).toContain('  CRM (exact)');
  expect(stdout).toMatch(/^The latest of \d+ mentions:$/m);
});

test.each([
  ['an unknown group', {}, ['group', '1'], 'This account has no group 1.'],
  ['a wrong key', { GROOUPLY_API_KEY: 'wrong-key' }, ['groups'], 'Check GROOUPLY_API_KEY'],
])('%s is reported with what to do', async (_, env, args, words) => {
  await using bench = await relayBench();
  const { code, stdout, stderr } = await bench.run(args, env);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(words);
  expect(stderr).not.toContain('wrong-key');
});
