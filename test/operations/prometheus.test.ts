import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { healthPage } from '../helpers/daemon.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** Runs promtool, of Debian's package `prometheus`. Returns its exit code and output. */
async function promtool(
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number | null; readonly output: string }> {
  const tool = spawn('promtool', args, { stdio: 'pipe' });
  const ended = new Promise<number | null>((resolve, reject) => {
    tool.once('error', reject);
    tool.once('close', resolve);
  });
  tool.stdin.on('error', () => undefined);
  tool.stdin.end(input);
  const [code, out, err] = await Promise.all([ended, text(tool.stdout), text(tool.stderr)]);
  return { code, output: `${out}${err}` };
}

test('promtool finds no error in the metrics of a relay', async () => {
  await using bench = await relayBench();
  const { sandbox, a, b } = bench;
  a.answerWith((_request, count) => ({ status: count === 2 ? 404 : 200 }));
  b.answerWith(() => ({ status: 503 }));
  sandbox.spot(3);
  const relay = bench.relay({ HEALTH_PORT: '0', WEBHOOK_B_URL: b.url });
  await relay.waitForEvent('delivery.succeeded', 2);
  await relay.waitForEvent('delivery.failed');
  await relay.waitForEvent('delivery.retrying');
  const page = await waitUntil('the failure to be shown', async () => {
    const { text: shown } = await healthPage(relay, '/metrics');
    return shown.includes('mention_relay_deliveries{webhook="A",state="failed"} 1') ? shown : null;
  });
  expect(await promtool(['check', 'metrics'], page)).toEqual({ code: 0, output: '' });

  await bench.redis.kill();
  const without = await waitUntil('Redis to be missed', async () => {
    const { text: shown } = await healthPage(relay, '/metrics');
    return shown.includes('mention_relay_redis_up 0') ? shown : null;
  });
  expect(await promtool(['check', 'metrics'], without)).toEqual({ code: 0, output: '' });
});

test('promtool notices a metric that breaks the rules', async () => {
  const page = '# HELP polls Polls.\n# TYPE polls counter\npolls 1\n';
  const { code, output } = await promtool(['check', 'metrics'], page);
  expect(code).not.toBe(0);
  expect(output).toContain('_total');
});

test('promtool accepts the alert rules', async () => {
  const { code, output } = await promtool(['check', 'rules', 'config/prometheus-rules.yml']);
  expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
});

test('each alert fires only when it should', async () => {
  const { code, output } = await promtool(['test', 'rules', 'config/prometheus-rules.test.yml']);
  expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
});
