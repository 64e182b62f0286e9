import { expect, test } from 'vitest';
import { startDaemon, type Daemon } from '../helpers/daemon.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';

async function ask(
  bench: RelayBench,
  ...options: string[]
): Promise<Daemon & { code: number | null }> {
  const asked = startDaemon(
    { GROOUPLY_API_KEY: 'sandbox-key', REDIS_URL: bench.redis.url, WEBHOOK_A_URL: bench.a.url },
    ['status', ...options],
  );
  const { code } = await asked.ended;
  await asked.dispose();
  return { ...asked, code };
}

test('a relay that polls and delivers is healthy; the health check then says nothing', async () => {
  await using bench = await relayBench();
  bench.sandbox.spot(1);
  const daemon = bench.relay();
  await daemon.waitForEvent('delivery.succeeded');

  const forPeople = await ask(bench);
  expect(forPeople.code).toBe(0);
  expect(forPeople.stdout()).toMatch(
    /^Last successful poll: \d+s ago \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/m,
  );
  expect(forPeople.stdout()).toMatch(/^A +0 +0 +0 +0$/m);
  expect(forPeople.stdout()).toMatch(/^Request budget: [1-9]\d* of 50 a minute used$/m);
  expect(forPeople.stdout()).toMatch(/^Gaps: none found$/m);

  const forScripts = await ask(bench, '--json');
  expect(JSON.parse(forScripts.stdout())).toMatchObject({
    healthy: true,
    webhooks: { A: { waiting: 0, active: 0, retrying: 0, failed: 0 } },
  });

  const check = await ask(bench, '--healthcheck');
  expect([check.code, check.stdout(), check.stderr()]).toEqual([0, '', '']);
});

test('--healthcheck says nothing, and so not as JSON', async () => {
  await using bench = await relayBench();
  const both = await ask(bench, '--healthcheck', '--json');
  expect([both.code, both.stdout()]).toEqual([1, '']);
  expect(both.stderr()).toContain('--healthcheck');
});

test('a relay that never polled is not healthy', async () => {
  await using bench = await relayBench();
  const check = await ask(bench, '--healthcheck');
  expect(check.code).toBe(1);
  expect(check.stdout()).toContain('none yet');
});

test('without Redis it says so and what to check, at once', async () => {
  await using bench = await relayBench();
  await bench.redis.kill();
  const asked = await ask(bench);
  expect(asked.code).toBe(1);
  expect(asked.stderr()).toBe(
    'Redis does not answer (ECONNREFUSED). Check REDIS_URL, and that Redis runs.\n',
  );
});

test('a Redis that refuses the password is not taken for one that is away', async () => {
  await using bench = await relayBench();
  await bench.redis.client.config('SET', 'requirepass', 'right');
  const asked = await ask(bench);
  expect(asked.code).toBe(1);
  expect(asked.stderr()).toBe('Redis asks for a password. Put the right one into REDIS_URL.\n');
});

test('a webhook that is held is shown as such, with how long its deliveries have waited', async () => {
  await using bench = await relayBench();
  bench.a.answerWith(() => ({ status: 500 }));
  bench.sandbox.spot(8);
  const daemon = bench.relay({ RETRY_SCHEDULE_SECONDS: '3600' });
  await daemon.waitForEvent('webhook.held');

  expect((await ask(bench)).stdout()).toMatch(/^A +\d+ .*held for \d+s, oldest \d+s$/m);
  const { webhooks } = JSON.parse((await ask(bench, '--json')).stdout()) as {
    webhooks: Record<string, { heldForMs: unknown; oldestWaitingAt: unknown }>;
  };
  expect(webhooks['A']?.heldForMs).toBeTypeOf('number');
  expect(webhooks['A']?.oldestWaitingAt).toMatch(/^\d{4}-/);
});

test('gaps are counted', async () => {
  await using bench = await relayBench();
  const daemon = bench.relay({ BACKLOG: 'none' });
  await daemon.waitForEvent('state.empty');
  bench.sandbox.spot(200);
  await daemon.waitForEvent('poll.gap_detected');
  await daemon.waitForEvent('poll.completed');
  expect((await ask(bench)).stdout()).toMatch(/^Gaps: 1, the last at \d{4}-/m);
});
