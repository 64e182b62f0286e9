import { describe, expect, test } from 'vitest';
import { healthPage } from '../helpers/daemon.ts';
import { seriesOf } from '../helpers/shown-metrics.ts';
import { freePort } from '../helpers/private-redis.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import type { Daemon } from '../helpers/daemon.ts';

const WATCHED = { HEALTH_PORT: '0' };

const metricsOf = async (relay: Daemon) => seriesOf((await healthPage(relay, '/metrics')).text);

async function readiness(relay: Daemon): Promise<Record<string, unknown> & { status: number }> {
  const { status, text } = await healthPage(relay, '/readyz');
  return { ...(JSON.parse(text) as Record<string, unknown>), status };
}

const untilReady = (relay: Daemon) =>
  waitUntil('the relay to be ready', async () => (await readiness(relay)).status === 200);

describe.concurrent('a relay with HEALTH_PORT', () => {
  test('is alive, and ready once it has polled; serves only this machine', async () => {
    await using bench = await relayBench();
    const relay = bench.relay(WATCHED);
    expect(await relay.waitForEvent('health.listening')).toMatchObject({ host: '127.0.0.1' });
    expect(await healthPage(relay, '/healthz')).toEqual({ status: 200, text: '{"alive":true}\n' });
    await untilReady(relay);
    const { lastPollAt, ...rest } = await readiness(relay);
    expect(rest).toEqual({ status: 200, ready: true });
    expect(Date.now() - Date.parse(String(lastPollAt))).toBeLessThan(30_000);
  });

  test('is not ready before a poll has succeeded: a rejected key', async () => {
    await using bench = await relayBench();
    const relay = bench.relay({ ...WATCHED, GROOUPLY_API_KEY: 'wrong' });
    await relay.waitForEvent('poll.key_rejected');
    const detail =
      'the API rejected GROOUPLY_API_KEY; it is tried again every 5 minutes, or at once after a restart';
    const noPoll = { status: 503, problem: 'polls', detail, lastPollAt: null };
    await waitUntil('the reason', async () => (await readiness(relay))['detail'] === detail);
    expect(await readiness(relay)).toMatchObject(noPoll);
    const status = await bench.run(['status'], { GROOUPLY_API_KEY: 'wrong' });
    expect(status.code).toBe(1);
    expect(status.stdout).toContain(`Not healthy: ${detail}`);
    // Another key was not rejected.
    expect((await bench.run(['status'])).stdout).toContain('Not healthy: no poll has succeeded');
    expect(await metricsOf(relay)).toMatchObject({
      'mention_relay_polls_total{outcome="key_rejected"}': 1,
      mention_relay_last_successful_poll_timestamp_seconds: 0,
    });
  });

  test('is not ready while it stops, and still ends', async () => {
    await using bench = await relayBench();
    const seen = Promise.withResolvers<{ status: number }>();
    bench.a.answerWith(() => seen.promise);
    const relay = bench.relay(WATCHED);
    bench.sandbox.spot(1);
    await bench.a.waitFor(1);
    await untilReady(relay);
    relay.kill('SIGTERM');
    await relay.waitForEvent('relay.stopping');
    expect(await readiness(relay)).toMatchObject({ status: 503, problem: 'stopping' });
    expect((await healthPage(relay, '/healthz')).status).toBe(200);
    seen.resolve({ status: 200 });
    expect(await relay.ended).toEqual({ code: 0, signal: null });
    expect(relay.events('relay.stopped')).toMatchObject([{ clean: true }]);
  });

  test('does not start if the port is taken, and logs what to do', async () => {
    await using bench = await relayBench();
    const first = bench.relay(WATCHED);
    const { port } = await first.waitForEvent('health.listening');
    const second = bench.relay({ HEALTH_PORT: String(port) });
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.events('relay.start_failed')).toMatchObject([
      {
        level: 'error',
        reason: `port ${String(port)} is taken on 127.0.0.1. Choose another one with HEALTH_PORT, or stop the program that uses it`,
      },
    ]);
  });
});

test.concurrent('a relay without HEALTH_PORT serves no pages', async () => {
  await using bench = await relayBench();
  const relay = bench.relay({ HEALTH_HOST: '127.0.0.1' });
  bench.sandbox.spot(1);
  await relay.waitForEvent('delivery.succeeded');
  expect(relay.events('health.listening')).toEqual([]);
});

describe.concurrent('while Redis', () => {
  test('is away at the start, the relay is alive but not ready', async () => {
    await using bench = await relayBench();
    await bench.redis.kill();
    const relay = bench.relay(WATCHED);
    expect((await healthPage(relay, '/healthz')).status).toBe(200);
    expect(await readiness(relay)).toMatchObject({ status: 503, problem: 'redis' });
    expect(await metricsOf(relay)).toMatchObject({ mention_relay_redis_up: 0 });
    await bench.redis.start();
    await untilReady(relay);
  });

  test('is frozen, every page is still answered, and recovers afterwards', async () => {
    await using bench = await relayBench();
    const relay = bench.relay(WATCHED);
    bench.sandbox.spot(2);
    await relay.waitForEvent('delivery.succeeded', 2);
    await untilReady(relay);

    process.kill(bench.redis.pid(), 'SIGSTOP');
    const [ready, series] = await Promise.all([readiness(relay), metricsOf(relay)]);
    expect(ready).toMatchObject({ status: 503, problem: 'redis' });
    const ownCounts = { mention_relay_redis_up: 0, mention_relay_new_mentions_total: 2 };
    expect(series).toMatchObject(ownCounts);
    expect(series).not.toHaveProperty('mention_relay_budget_used_requests');
    expect((await healthPage(relay, '/healthz')).status).toBe(200);

    process.kill(bench.redis.pid(), 'SIGCONT');
    await untilReady(relay);
    expect(await metricsOf(relay)).toMatchObject({ mention_relay_redis_up: 1 });
  });
});

describe.concurrent('the metrics', () => {
  test('show delivered, failed and waiting deliveries, and held webhooks', async () => {
    await using bench = await relayBench();
    const { sandbox, a, b } = bench;
    a.answerWith((_request, count) => ({ status: count === 2 ? 404 : 200 }));
    b.answerWith(() => ({ status: 503 }));
    sandbox.spot(3);
    const relay = bench.relay({
      ...WATCHED,
      WEBHOOK_B_URL: b.url,
      WEBHOOK_B_CONCURRENCY: '1',
      RETRY_SCHEDULE_SECONDS: '0,0,600,600',
    });
    await relay.waitForEvent('delivery.succeeded', 2);
    await relay.waitForEvent('webhook.held');
    const shown = await waitUntil('the failure to be shown', async () => {
      const series = await metricsOf(relay);
      return series['mention_relay_deliveries{webhook="A",state="failed"}'] === 1 ? series : null;
    });

    expect(shown).toMatchObject({
      mention_relay_redis_up: 1,
      mention_relay_new_mentions_total: 3,
      mention_relay_budget_size_requests: 60,
      'mention_relay_deliveries_finished_total{webhook="A",outcome="delivered",reason="none"}': 2,
      'mention_relay_deliveries_finished_total{webhook="A",outcome="failed",reason="status_404"}': 1,
      'mention_relay_attempts_total{webhook="A",outcome="accepted",reason="none"}': 2,
      'mention_relay_spotted_to_accepted_seconds_count{webhook="A"}': 2,
      'mention_relay_webhook_held{webhook="A"}': 0,
      'mention_relay_webhook_held{webhook="B"}': 1,
    });
    const failed = 'mention_relay_attempts_total{webhook="B",outcome="failed",reason="status_503"}';
    expect(shown[failed]).toBeGreaterThanOrEqual(5);
    expect(shown['mention_relay_budget_used_requests']).toBeGreaterThan(0);
    const lastPoll = shown['mention_relay_last_successful_poll_timestamp_seconds'];
    expect(lastPoll).toBeGreaterThan(Date.now() / 1_000 - 60);
  });

  test('of another replica show the shared queues, but count only its own deliveries', async () => {
    await using bench = await relayBench();
    bench.a.answerWith(() => ({ status: 404 }));
    bench.sandbox.spot(2);
    const first = bench.relay();
    await first.waitForEvent('delivery.failed', 2);
    first.kill('SIGTERM');
    await first.ended;
    const second = bench.relay(WATCHED);
    await untilReady(second);
    expect(await metricsOf(second)).toMatchObject({
      'mention_relay_deliveries{webhook="A",state="failed"}': 2,
      'mention_relay_deliveries_finished_total{webhook="A",outcome="failed",reason="status_404"}': 0,
    });
  });
});

describe.concurrent('a relay with HEARTBEAT_URL', () => {
  test('requests it while polls succeed, once for all replicas', async () => {
    await using bench = await relayBench();
    const { sandbox, b } = bench;
    const env = { HEARTBEAT_URL: b.url };
    const rejected = bench.relay({ ...env, GROOUPLY_API_KEY: 'wrong' });
    await rejected.waitForEvent('poll.key_rejected');
    rejected.kill('SIGTERM');
    await rejected.ended;
    expect(b.received).toEqual([]);

    const relays = [bench.relay(env), bench.relay(env)];
    await b.waitFor(1);
    const polls = sandbox.requests().length;
    await waitUntil('five more polls', () => sandbox.requests().length >= polls + 5);
    expect(b.received).toHaveLength(1);
    expect(relays.flatMap((relay) => relay.events('heartbeat.failed'))).toEqual([]);
  });

  test('keeps polling and delivering while it fails, and logs that once', async () => {
    await using bench = await relayBench();
    const relay = bench.relay({
      HEARTBEAT_URL: `http://127.0.0.1:${await freePort()}/secret-path`,
    });
    expect(await relay.waitForEvent('heartbeat.failed')).toMatchObject({
      level: 'warn',
      reason: 'ECONNREFUSED',
    });
    bench.sandbox.spot(1);
    await relay.waitForEvent('delivery.succeeded');
    expect(relay.events('heartbeat.failed')).toHaveLength(1);
    expect(relay.stdout()).not.toContain('secret-path');
  });
});
