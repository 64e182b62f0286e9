import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/monitoring/metrics.io.ts';
import type { AttemptResult } from '../../src/domain/delivery.ts';
import type { RelayStatus } from '../../src/monitoring/relay-status.io.ts';
import { seriesOf } from '../helpers/shown-metrics.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';
import { alertOf, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const NOW_MS = 1_699_459_500_000;
const STATUS: RelayStatus = {
  webhooks: [
    {
      webhook: 'SALES',
      counts: { waiting: 7, active: 1, retrying: 2, failed: 3 },
      oldestWaitingAtMs: NOW_MS - 90_500,
      heldForMs: 5_000,
      closedForMs: null,
      nextDigestAtMs: null,
      pausedForMs: null,
      gone: false,
      operatorPause: null,
    },
    {
      webhook: 'CRM',
      counts: { waiting: 0, active: 0, retrying: 0, failed: 0 },
      oldestWaitingAtMs: null,
      heldForMs: null,
      closedForMs: 60_000,
      nextDigestAtMs: null,
      pausedForMs: 1_000,
      gone: false,
      operatorPause: { sinceMs: NOW_MS - 60_000, untilMs: NOW_MS + 500 },
    },
  ],
  budgetUsed: 12,
  lastPollAtMs: NOW_MS - 4_000,
  completeness: null,
};

const answered = (status: number): AttemptResult => ({
  kind: 'answered',
  status,
  headers: {},
  body: 'text of a receiver',
  durationMs: 1,
});

function metrics() {
  const made = createMetrics({
    webhooks: ['SALES', 'CRM'],
    budgetSize: 50,
    version: '1.2.3',
    nowMs: () => NOW_MS,
  });
  return {
    ...made,
    /** The value of each series, by its name without the prefix. */
    series: async (status: RelayStatus | null = STATUS) =>
      seriesOf((await made.page(status)).body.replaceAll('mention_relay_', '')),
  };
}

/** Creates a delivery of SALES with a mention that was spotted so long ago. */
const spottedAgo = (seconds: number) => ({
  delivery: deliveryOf({ spotted: String(NOW_MS / 1_000 - seconds) }, NOW_MS),
  attempt: 1,
});

describe('the metrics of this process', () => {
  test('count polls by outcome, and new mentions', async () => {
    const { polled, series } = metrics();
    const calm = {
      windowSize: 100,
      malformed: 0,
      queued: 0,
      merged: 0,
      gap: false,
      sinceLastMs: 10_000,
      spottedPerMs: 0,
    };
    polled({ ...calm, newMentions: 3, merged: 1 });
    polled({ ...calm, newMentions: 0 });
    polled('failed');
    polled('key-rejected');
    expect(await series()).toMatchObject({
      'polls_total{outcome="succeeded"}': 2,
      'polls_total{outcome="failed"}': 1,
      'polls_total{outcome="key_rejected"}': 1,
      new_mentions_total: 3,
      merged_mentions_total: 1,
    });
  });

  test('count finished deliveries by webhook, outcome and reason', async () => {
    const { deliveries, series } = metrics();
    deliveries.succeeded?.(spottedAgo(4), answered(204), 1);
    deliveries.succeeded?.({ delivery: recoveredOf(), attempt: 1 }, answered(204), 1);
    deliveries.succeeded?.({ delivery: alertOf(), attempt: 1 }, answered(204), 1);
    deliveries.repeated?.(spottedAgo(4));
    deliveries.failed?.(spottedAgo(4), answered(410), 'status 410: text');
    deliveries.retrying?.(spottedAgo(4), answered(500), 'status 500', 5_000);
    const shown = await series();
    expect(shown).toMatchObject({
      'deliveries_finished_total{webhook="SALES",outcome="delivered",reason="none"}': 3,
      'deliveries_finished_total{webhook="SALES",outcome="repeated",reason="none"}': 1,
      'deliveries_finished_total{webhook="SALES",outcome="failed",reason="status_410"}': 1,
      'deliveries_finished_total{webhook="CRM",outcome="delivered",reason="none"}': 0,
    });
    const finished = Object.entries(shown).filter(([name]) => name.startsWith('deliveries_f'));
    expect(finished.reduce((sum, [, value]) => sum + value, 0)).toBe(5);
  });

  test('count attempts by webhook, outcome and reason', async () => {
    const { deliveries, series } = metrics();
    deliveries.attempted?.('CRM', answered(200), { kind: 'delivered' });
    deliveries.attempted?.('CRM', answered(503), { kind: 'retry', reason: 'status 503' });
    deliveries.attempted?.('CRM', answered(400), { kind: 'content-refused', reason: 'text' });
    deliveries.attempted?.('CRM', answered(404), { kind: 'fail', reason: 'text' });
    deliveries.attempted?.('CRM', answered(429), { kind: 'pause', waitMs: 1, reason: 'text' });
    const shown = await series();
    expect(shown).toMatchObject({
      'attempts_total{webhook="CRM",outcome="accepted",reason="none"}': 1,
      'attempts_total{webhook="CRM",outcome="failed",reason="status_503"}': 1,
      'attempts_total{webhook="CRM",outcome="failed",reason="status_400"}': 1,
      'attempts_total{webhook="CRM",outcome="failed",reason="status_404"}': 1,
      'attempts_total{webhook="CRM",outcome="paused",reason="status_429"}': 1,
    });
    expect(JSON.stringify(shown)).not.toContain('text');
  });

  test('measure the time from spotted to accepted, except unknown and late ones', async () => {
    const { deliveries, series } = metrics();
    deliveries.succeeded?.(spottedAgo(4), answered(200), 1);
    deliveries.succeeded?.(spottedAgo(7_200), answered(200), 1);
    deliveries.succeeded?.(spottedAgo(-60), answered(200), 1);
    for (const delivery of [deliveryOf({ spotted: null }, NOW_MS), recoveredOf(), alertOf()]) {
      deliveries.succeeded?.({ delivery, attempt: 1 }, answered(200), 1);
    }
    expect(await series()).toMatchObject({
      'spotted_to_accepted_seconds_bucket{le="1",webhook="SALES"}': 1,
      'spotted_to_accepted_seconds_bucket{le="5",webhook="SALES"}': 2,
      'spotted_to_accepted_seconds_bucket{le="86400",webhook="SALES"}': 3,
      'spotted_to_accepted_seconds_count{webhook="SALES"}': 3,
      'spotted_to_accepted_seconds_sum{webhook="SALES"}': 7_204,
      'spotted_to_accepted_seconds_count{webhook="CRM"}': 0,
    });
  });

  test('count gaps, recovered mentions and unreadable items', async () => {
    const { countGap, countRecovered, countUnreadable, series } = metrics();
    expect(await series()).toMatchObject({ gaps_total: 0, recovered_mentions_total: 0 });
    expect(await series()).toMatchObject({ unreadable_items_total: 0 });
    countGap();
    countRecovered(7);
    countUnreadable(2);
    expect(await series()).toMatchObject({ gaps_total: 1, recovered_mentions_total: 7 });
    expect(await series()).toMatchObject({ unreadable_items_total: 2 });
  });

  test('exist from the start, so that none begins at 1', async () => {
    const { deliveries, polled, series } = metrics();
    const before = Object.keys(await series());
    polled('failed');
    polled('key-rejected');
    for (const status of [200, 302, 400, 404, 418, 429, 500, 503, 999]) {
      const item = spottedAgo(1);
      deliveries.attempted?.('SALES', answered(status), { kind: 'retry', reason: '' });
      deliveries.failed?.(item, answered(status), '');
      deliveries.succeeded?.(item, answered(status), 1);
      deliveries.repeated?.(item);
    }
    for (const status of [429, 503]) {
      deliveries.attempted?.('SALES', answered(status), { kind: 'pause', waitMs: 1, reason: '' });
    }
    expect(Object.keys(await series())).toEqual(before);
  });
});

describe('the metrics of all replicas', () => {
  test('show the status that Redis has', async () => {
    expect(await metrics().series()).toMatchObject({
      redis_up: 1,
      'deliveries{webhook="SALES",state="waiting"}': 7,
      'deliveries{webhook="SALES",state="active"}': 1,
      'deliveries{webhook="SALES",state="retrying"}': 2,
      'deliveries{webhook="SALES",state="failed"}': 3,
      'deliveries{webhook="CRM",state="failed"}': 0,
      'oldest_waiting_age_seconds{webhook="SALES"}': 90.5,
      'oldest_waiting_age_seconds{webhook="CRM"}': 0,
      'webhook_held{webhook="SALES"}': 1,
      'webhook_held{webhook="CRM"}': 0,
      'webhook_closed{webhook="SALES"}': 0,
      'webhook_closed{webhook="CRM"}': 1,
      'webhook_paused_since_timestamp_seconds{webhook="SALES"}': 0,
      'webhook_paused_since_timestamp_seconds{webhook="CRM"}': 1_699_459_440,
      'webhook_paused_until_timestamp_seconds{webhook="SALES"}': 0,
      'webhook_paused_until_timestamp_seconds{webhook="CRM"}': 1_699_459_500.5,
      budget_used_requests: 12,
      budget_size_requests: 50,
      last_successful_poll_timestamp_seconds: 1_699_459_496,
    });
  });

  test('show a webhook whose URL is gone as held', async () => {
    const webhooks = STATUS.webhooks.map((each) => Object.assign({}, each, { gone: true }));
    expect(await metrics().series({ ...STATUS, webhooks })).toMatchObject({
      'webhook_held{webhook="CRM"}': 1,
    });
  });

  test('show 0 for a poll that never succeeded', async () => {
    const shown = await metrics().series({ ...STATUS, lastPollAtMs: null });
    expect(shown).toMatchObject({ last_successful_poll_timestamp_seconds: 0 });
  });

  test('are absent without Redis, and the metrics of the process stay', async () => {
    const { polled, series } = metrics();
    polled('failed');
    const names = new Set(Object.keys(await series()));
    const without = await series(null);
    expect(without).toMatchObject({ redis_up: 0, 'polls_total{outcome="failed"}': 1 });
    const gone = [...names.difference(new Set(Object.keys(without)))].map(
      (name) => name.split('{')[0],
    );
    expect([...new Set(gone)]).toEqual([
      'deliveries',
      'oldest_waiting_age_seconds',
      'webhook_held',
      'webhook_closed',
      'webhook_paused_since_timestamp_seconds',
      'webhook_paused_until_timestamp_seconds',
      'budget_used_requests',
      'last_successful_poll_timestamp_seconds',
    ]);
    expect(await series()).toMatchObject({ redis_up: 1, budget_used_requests: 12 });
  });
});

test('the metrics show the version, CPU and memory of the process', async () => {
  const { series } = metrics();
  const shown = await waitUntil('some CPU time', async () => {
    const seen = await series();
    return (seen['process_cpu_seconds_total'] ?? 0) > 0 ? seen : null;
  });
  expect(shown).toMatchObject({ 'build_info{version="1.2.3"}': 1 });
  expect(shown['process_resident_memory_bytes']).toBeGreaterThan(1_000_000);
  expect(shown['process_start_time_seconds']).toBeLessThan(Date.now() / 1_000);
  expect((await metrics().page(null)).contentType).toContain('text/plain; version=0.0.4');
});
