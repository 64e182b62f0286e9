import { expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';

test('a relay that polls and delivers is healthy, for people, scripts and health checks', async () => {
  await using bench = await relayBench();
  bench.sandbox.spot(1);
  const daemon = bench.relay();
  await daemon.waitForEvent('delivery.succeeded');

  const forPeople = await bench.run(['status']);
  expect(forPeople.code).toBe(0);
  for (const line of [
    /^Last successful poll: \d+s ago \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/m,
    /^A +0 +0 +0 +0$/m,
    /^Request budget: [1-9]\d* of 60 per minute used$/m,
    /^Gaps: none found$/m,
  ]) {
    expect(forPeople.stdout).toMatch(line);
  }
  expect(JSON.parse((await bench.run(['status', '--json'])).stdout)).toMatchObject({
    healthy: true,
    webhooks: { A: { waiting: 0, active: 0, retrying: 0, failed: 0 } },
  });
  expect(await bench.run(['status', '--healthcheck'])).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('--healthcheck cannot be used with --json', async () => {
  await using bench = await relayBench();
  const both = await bench.run(['status', '--healthcheck', '--json']);
  expect([both.code, both.stdout]).toEqual([1, '']);
  expect(both.stderr).toContain('--healthcheck');
});

test('a relay that never polled is not healthy', async () => {
  await using bench = await relayBench();
  const check = await bench.run(['status', '--healthcheck']);
  expect(check.code).toBe(1);
  expect(check.stdout).toContain('none yet');
});

test('a Redis that does not answer, or refuses the password, is reported with what to do', async () => {
  await using bench = await relayBench();
  await bench.redis.client.config('SET', 'requirepass', 'right');
  expect(await bench.run(['status'])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'Redis asks for a password. Put the right one into REDIS_URL.\n',
  });
  await bench.redis.kill();
  expect(await bench.run(['status'])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'Redis does not answer (ECONNREFUSED). Check REDIS_URL, and that Redis runs.\n',
  });
});

test('a held webhook is shown as held, with the age of its oldest delivery', async () => {
  await using bench = await relayBench();
  bench.a.answerWith(() => ({ status: 500 }));
  bench.sandbox.spot(8);
  const daemon = bench.relay({ RETRY_SCHEDULE_SECONDS: '3600' });
  await daemon.waitForEvent('webhook.held');

  expect((await bench.run(['status'])).stdout).toMatch(/^A +\d+ .*held for \d+s, oldest \d+s$/m);
  expect(JSON.parse((await bench.run(['status', '--json'])).stdout)).toMatchObject({
    webhooks: {
      A: {
        heldForMs: expect.any(Number) as number,
        oldestWaitingAt: expect.stringMatching(/^\d{4}-/) as string,
      },
    },
  });
});

test('gaps are counted', async () => {
  await using bench = await relayBench();
  const daemon = bench.relay({ BACKLOG: 'none' });
  await daemon.waitForEvent('state.empty');
  bench.sandbox.spot(200);
  await daemon.waitForEvent('poll.gap_detected');
  await daemon.waitForEvent('poll.completed');
  expect((await bench.run(['status'])).stdout).toMatch(/^Gaps: 1, the last at \d{4}-/m);
});
