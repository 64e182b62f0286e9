import { expect, test } from 'vitest';
import { healthPage } from '../helpers/daemon.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

test('a webhook that answers 410 is paused until it is resumed, or its URL changes', async () => {
  await using bench = await relayBench();
  const { sandbox, a, b } = bench;
  a.answerWith(() => ({ status: 410 }));
  sandbox.spot(3);
  const relay = bench.relay();
  const paused = await relay.waitForEvent('webhook.paused');
  expect(paused).toMatchObject({ level: 'error', webhook: 'A', waitMs: null });
  await relay.waitForEvent('delivery.failed');

  const status = JSON.parse((await bench.run(['status', '--json'])).stdout) as {
    webhooks: Record<string, object>;
  };
  expect(status.webhooks['A']).toMatchObject({ gone: true, waiting: 2, failed: 1 });
  expect((await bench.run(['status'])).stdout).toMatch(
    /gone \(410\): paused until resumed, oldest \d+s$/m,
  );
  const checked = await bench.run(['check', '--json']);
  expect(JSON.parse(checked.stdout)).toMatchObject({
    findings: expect.arrayContaining([
      expect.objectContaining({ about: 'Webhook A', level: 'problem', code: 'gone' }),
    ]) as unknown,
  });

  // It stays so over a restart with the same URL.
  relay.kill('SIGTERM');
  await relay.ended;
  const again = bench.relay();
  await again.waitForEvent('relay.started');
  a.answerWith(() => ({ status: 200 }));
  expect(await bench.run(['resume', 'NOBODY'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Known webhooks: A') as string,
  });
  expect(await bench.run(['resume', 'A'])).toMatchObject({
    code: 0,
    stdout:
      'A: resumed (gone).\nFailed deliveries: 1. Send them again with npm run cli -- failed retry --webhook A.\n',
  });
  await again.waitForEvent('delivery.succeeded', 2);
  expect(again.events('delivery.succeeded')).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
  expect((await bench.run(['failed', 'retry', '--webhook', 'A'])).code).toBe(0);
  await again.waitForEvent('delivery.succeeded', 3);
  expect((await bench.run(['resume', 'A'])).stdout).toBe('A: was neither paused nor held.\n');

  a.answerWith(() => ({ status: 410 }));
  sandbox.spot(3);
  await again.waitForEvent('webhook.paused');
  again.kill('SIGTERM');
  await again.ended;
  bench.relay({ WEBHOOK_A_URL: b.url });
  await waitUntil('the other two at the new URL', () => b.received.length === 2);
}, 120_000);

test('a relay is not healthy while the URL of every webhook for mentions is gone', async () => {
  await using bench = await relayBench();
  const { sandbox, a, b } = bench;
  a.answerWith(() => ({ status: 410 }));
  const env = { HEALTH_PORT: '0', WEBHOOK_B_URL: b.url, WEBHOOK_B_EVENTS: 'alerts' };
  const relay = bench.relay(env);
  const readyz = () => healthPage(relay, '/readyz');
  await waitUntil('the relay to be ready', async () => (await readyz()).status === 200);
  sandbox.spot(1);
  await relay.waitForEvent('webhook.paused');

  const problem = 'the URL of every webhook for mentions is gone (410): A';
  const { status, text } = await readyz();
  expect([status, JSON.parse(text)]).toMatchObject([503, { problem: 'webhooks', detail: problem }]);
  const shown = await bench.run(['status'], env);
  expect(shown.code).toBe(1);
  expect(shown.stdout).toContain(`Not healthy: ${problem}; see the log of the relay\n`);
  expect(await bench.run(['status', '--healthcheck'], env)).toMatchObject({ code: 1 });
  const json = JSON.parse((await bench.run(['status', '--json'], env)).stdout) as object;
  expect(json).toMatchObject({ healthy: false, problem });

  // Another webhook for mentions goes on.
  const { code } = await bench.run(['status', '--healthcheck'], { WEBHOOK_B_URL: b.url });
  expect(code).toBe(0);
  await bench.run(['resume', 'A'], env);
  expect((await readyz()).status).toBe(200);
});
