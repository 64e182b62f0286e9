import { expect, test } from 'vitest';
import { readConfig, type Config } from '../../src/config/env.ts';
import { createApp } from '../../src/app/app.ts';
import type { EventLog } from '../../src/domain/event-log.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const silent: EventLog = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function configOf(env: Record<string, string>, windowMs: number): Config {
  const reading = readConfig(env, { readFile: () => '', stdoutIsTty: false });
  if (!reading.ok) throw new Error(JSON.stringify(reading.error));
  return { ...reading.value, budget: { ...reading.value.budget, windowMs } };
}

test('three replicas and an API that fails: never over the budget, each mention once', async () => {
  const windowMs = 3_000;
  const requestsPerWindow = 12;
  await using bench = await relayBench({
    requestLimit: requestsPerWindow,
    requestWindowMs: windowMs,
  });
  const { sandbox, a, b, redis } = bench;
  sandbox.fault({ kind: 'status', status: 500, probability: 0.2 });
  sandbox.fault({ kind: 'reset', probability: 0.1 });
  sandbox.fault({ kind: 'truncated', probability: 0.1 });
  const config = configOf(
    {
      GROOUPLY_API_KEY: 'sandbox-key',
      GROOUPLY_API_URL: sandbox.url.href,
      REDIS_URL: redis.url,
      // Far more often than the budget allows.
      POLL_INTERVAL_SECONDS: '0.1',
      RATE_BUDGET_PER_MINUTE: String(requestsPerWindow),
      WEBHOOK_A_URL: a.url,
      WEBHOOK_B_URL: b.url,
      WEBHOOK_B_TYPE: 'slack',
      WEBHOOK_B_BATCH_SIZE: '1',
      WEBHOOK_B_RATE_PER_SECOND: '100',
    },
    windowMs,
  );
  const surroundings = {
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
  };
  const replicas = [1, 2, 3].map(() => createApp(config, silent, surroundings));
  await Promise.all(replicas.map((replica) => replica.start()));
  try {
    const ids: string[] = [];
    for (let burst = 0; burst < 6; burst++) {
      ids.push(...sandbox.spot(5).map(({ id }) => id));
      await a.waitFor(ids.length, 40_000);
    }
    await b.waitFor(ids.length);
    await waitUntil(
      'five windows of polls',
      () => sandbox.requests().length > 5 * requestsPerWindow,
      60_000,
    );
    expect(a.mentionIds().toSorted()).toEqual(ids.toSorted());
    expect(b.received).toHaveLength(ids.length);
    expect(sandbox.requests().filter(({ status }) => status === 429)).toEqual([]);
    expect(sandbox.busiestWindow()).toBeLessThanOrEqual(requestsPerWindow);
    // The budget is there to be used.
    expect(sandbox.busiestWindow()).toBeGreaterThan(requestsPerWindow / 2);
  } finally {
    await Promise.all(replicas.map((replica) => replica.stop()));
  }
}, 120_000);
