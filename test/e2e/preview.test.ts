import { expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';

test('preview shows where each mention would go and why, sends nothing and marks nothing', async () => {
  await using bench = await relayBench();
  const [first, second] = bench.sandbox.spot(2);
  const env = { WEBHOOK_B_URL: bench.b.url, WEBHOOK_B_KEYWORDS: 'no such keyword' };
  const before = await bench.run(['preview'], env);
  expect(before.code).toBe(0);
  expect(before.stdout).toContain(`${first?.id}  new\n`);
  expect(before.stdout).toContain(`  |     "keyword": "${first?.keyword}",\n`);
  expect(before.stdout).toContain('  to A\n  | {\n');
  expect(before.stdout).toContain('  | }\n  not B: keyword not in its _KEYWORDS\n');
  expect(before.stdout).toContain('The window holds 2 mentions. New to the next poll: 2.');
  expect(bench.a.received).toEqual([]);

  bench.relay(env);
  await bench.a.waitFor(2);
  expect(new Set(bench.a.mentionIds())).toEqual(new Set([first?.id, second?.id]));

  const after = await bench.run(['preview', '--json', '--webhook', 'A'], env);
  const { mentions } = JSON.parse(after.stdout) as { mentions: Record<string, unknown>[] };
  expect(mentions.map(({ status, webhooks }) => ({ status, webhooks }))).toEqual([
    { status: 'seen', webhooks: { A: { gets: false } } },
    { status: 'seen', webhooks: { A: { gets: false } } },
  ]);
  expect((await bench.run(['preview', '--new'], env)).stdout).toMatch(
    /^The window holds 2 mentions\. New to the next poll: 0\./,
  );
});

test('preview prints foreign text without control characters', async () => {
  await using bench = await relayBench();
  const [mention] = bench.sandbox.spot(1);
  bench.sandbox.setWindow([{ ...mention, keyword: '\u001b[2Jcrm', content: 'a\u202eb\u0007' }]);
  for (const options of [[], ['--json']]) {
    const { stdout } = await bench.run(['preview', ...options]);
    expect(stdout).toContain('crm');
    for (const control of ['\u001b', '\u202e', '\u0007']) expect(stdout).not.toContain(control);
  }
});

test('preview of an unknown webhook names the configured ones', async () => {
  await using bench = await relayBench();
  const { code, stderr } = await bench.run(['preview', '--webhook', 'SALES']);
  expect([code, stderr]).toEqual([1, 'No webhook is named SALES. Known webhooks: A.\n']);
});
