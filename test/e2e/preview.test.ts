import { expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';

test('preview shows where each mention would go and why not, sends nothing and marks nothing', async () => {
  await using bench = await relayBench();
  const [first, second] = bench.sandbox.spot(2);
  const env = { WEBHOOK_B_URL: bench.b.url, WEBHOOK_B_KEYWORDS: 'no such keyword' };
  const before = await bench.run(['preview'], env);
  expect(before.code).toBe(0);
  expect(before.stdout).toContain(`${first?.id}  new\n`);
  expect(before.stdout).toContain(`  |     "keyword": "${first?.keyword}",\n`);
  expect(before.stdout).toContain('  to A\n  not B: its _KEYWORDS do not have this keyword\n');
  expect(before.stdout).toContain('holds 2 mentions; 2 of those shown would be new');
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
    /^The window holds 2 mentions; none of them would be new/,
  );
});

test('preview writes nothing of a stranger to the terminal that is more than text', async () => {
  await using bench = await relayBench();
  const [mention] = bench.sandbox.spot(1);
  bench.sandbox.setWindow([{ ...mention, keyword: '\u001b[2Jcrm', content: 'a\u202eb\u0007' }]);
  for (const options of [[], ['--json']]) {
    const { stdout } = await bench.run(['preview', ...options]);
    expect(stdout).toContain('crm');
    for (const control of ['\u001b', '\u202e', '\u0007']) expect(stdout).not.toContain(control);
  }
});

test('preview of a webhook that is not configured names those that are', async () => {
  await using bench = await relayBench();
  const { code, stderr } = await bench.run(['preview', '--webhook', 'SALES']);
  expect([code, stderr]).toEqual([1, 'No webhook SALES is configured. Configured: A.\n']);
});
