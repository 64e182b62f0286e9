import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { isResent, type DeliveryCounts } from '../domain/delivery.ts';
import type { DeliveryListener } from '../delivering/delivery-events.ts';
import { FAILURE_REASONS, failureReason } from '../delivering/verdict.ts';
import type { PollResult } from '../polling/poll-run.ts';
import type { RelayStatus } from './relay-status.io.ts';

/** Counts events of this process, and renders them as a page for Prometheus. */
export interface Metrics {
  readonly deliveries: DeliveryListener;
  readonly polled: (result: PollResult) => void;
  /** Counts a window that shares no mention with earlier ones. */
  readonly countGap: () => void;
  readonly countRecovered: (mentions: number) => void;
  readonly countUnreadable: (items: number) => void;
  /** Renders the page. `status` is that of all replicas; null if Redis does not answer. */
  readonly page: (
    status: RelayStatus | null,
  ) => Promise<{ readonly contentType: string; readonly body: string }>;
}

/** The metrics of prom-client that are worth showing. */
const PROCESS_METRICS = [
  // The first metric collects the values of the other two.
  'process_cpu_user_seconds_total',
  'process_cpu_system_seconds_total',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
];
// One second to one day: from a mention that is sent immediately to one that waits for its receiver
// over the whole retry schedule.
const BUCKETS_SECONDS = [
  1, 2.5, 5, 10, 15, 30, 60, 120, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400,
];
const NO_REASON = 'none';
const PAUSE_REASONS = ['status_429', 'status_503'];
const STATES: readonly (keyof DeliveryCounts)[] = ['waiting', 'active', 'retrying', 'failed'];

/**
 * Creates the metrics of this process, named by Prometheus' rules
 * (https://prometheus.io/docs/practices/naming/); docs/monitoring.md describes each. Every series
 * of these webhooks exists from the start, at 0: a series that begins at 1 has no rate.
 */
export function createMetrics(options: {
  readonly webhooks: readonly string[];
  /** The number of requests that the budget allows. */
  readonly budgetSize: number;
  readonly version: string;
  readonly nowMs: () => number;
}): Metrics {
  const { webhooks, budgetSize, version, nowMs } = options;
  const registry = new Registry();
  const counter = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Counter({ name: `mention_relay_${name}`, help, labelNames, registers: [registry] });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name: `mention_relay_${name}`, help, labelNames, registers: [registry] });

  gauge('build_info', 'Always 1; the label names the running version.', ['version']).set(
    { version },
    1,
  );
  const polls = counter('polls_total', 'Polls by outcome.', ['outcome']);
  const newMentions = counter('new_mentions_total', 'Mentions not seen before.');
  const merged = counter(
    'merged_mentions_total',
    'New mentions without a message of their own: another one of their post or lead has it.',
  );
  const gaps = counter(
    'gaps_total',
    'Windows that share no mention with earlier ones: mentions may be missing.',
  );
  const recovered = counter(
    'recovered_mentions_total',
    'Mentions that polls missed and sweeps found.',
  );
  const unreadable = counter(
    'unreadable_items_total',
    'Items of the API that could not be read and were skipped.',
  );
  const finished = counter('deliveries_finished_total', 'Finished deliveries by outcome.', [
    'webhook',
    'outcome',
    'reason',
  ]);
  const attempts = counter('attempts_total', 'POSTs by outcome.', ['webhook', 'outcome', 'reason']);
  const spottedToAccepted = new Histogram({
    name: 'mention_relay_spotted_to_accepted_seconds',
    help: 'Time from when Groouply spotted a mention to when the webhook accepted it.',
    labelNames: ['webhook'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });

  const redisUp = gauge('redis_up', '1 if Redis answered for this page, otherwise 0.');
  const deliveries = gauge('deliveries', 'Deliveries by state, over all replicas.', [
    'webhook',
    'state',
  ]);
  const oldestWaiting = gauge(
    'oldest_waiting_age_seconds',
    'Age of the oldest waiting delivery, over all replicas; 0 if none waits or is due, or the webhook is closed or paused by an operator.',
    ['webhook'],
  );
  const held = gauge(
    'webhook_held',
    '1 while the webhook is held because it keeps failing, or its URL is gone.',
    ['webhook'],
  );
  const closed = gauge('webhook_closed', '1 while the webhook is outside its working hours.', [
    'webhook',
  ]);
  const pausedSince = gauge(
    'webhook_paused_since_timestamp_seconds',
    'Time when an operator paused the webhook; 0 if none has.',
    ['webhook'],
  );
  const pausedUntil = gauge(
    'webhook_paused_until_timestamp_seconds',
    "Time when an operator's pause of the webhook ends; 0 if there is none, or it has no end.",
    ['webhook'],
  );
  const budgetUsed = gauge('budget_used_requests', 'Used slots of the request budget.');
  gauge('budget_size_requests', 'All slots of the request budget.').set(budgetSize);
  const lastPoll = gauge(
    'last_successful_poll_timestamp_seconds',
    'Time of the last successful poll on any replica; 0 if none has succeeded.',
  );
  addProcessMetrics(registry);

  for (const outcome of ['succeeded', 'failed', 'key_rejected']) polls.inc({ outcome }, 0);
  for (const webhook of webhooks) {
    finished.inc({ webhook, outcome: 'delivered', reason: NO_REASON }, 0);
    finished.inc({ webhook, outcome: 'repeated', reason: NO_REASON }, 0);
    attempts.inc({ webhook, outcome: 'accepted', reason: NO_REASON }, 0);
    for (const reason of FAILURE_REASONS) {
      finished.inc({ webhook, outcome: 'failed', reason }, 0);
      attempts.inc({ webhook, outcome: 'failed', reason }, 0);
    }
    for (const reason of PAUSE_REASONS) attempts.inc({ webhook, outcome: 'paused', reason }, 0);
    spottedToAccepted.zero({ webhook });
  }

  function showStatus(status: RelayStatus | null): void {
    redisUp.set(status === null ? 0 : 1);
    // Without an answer of Redis the series are absent, instead of old or 0.
    for (const each of [deliveries, oldestWaiting, held, closed, pausedSince, pausedUntil])
      each.reset();
    for (const each of [budgetUsed, lastPoll]) each.remove();
    if (status === null) return;
    for (const { webhook, counts, oldestWaitingAtMs, ...gate } of status.webhooks) {
      for (const state of STATES) deliveries.set({ webhook, state }, counts[state]);
      const ageMs = oldestWaitingAtMs === null ? 0 : nowMs() - oldestWaitingAtMs;
      oldestWaiting.set({ webhook }, Math.max(0, ageMs / 1_000));
      held.set({ webhook }, gate.heldForMs === null && !gate.gone ? 0 : 1);
      closed.set({ webhook }, gate.closedForMs === null ? 0 : 1);
      pausedSince.set({ webhook }, (gate.operatorPause?.sinceMs ?? 0) / 1_000);
      pausedUntil.set({ webhook }, (gate.operatorPause?.untilMs ?? 0) / 1_000);
    }
    if (status.budgetUsed !== null) budgetUsed.set(status.budgetUsed);
    lastPoll.set((status.lastPollAtMs ?? 0) / 1_000);
  }

  return {
    deliveries: {
      attempted(webhook, result, { kind }) {
        if (kind === 'delivered') {
          attempts.inc({ webhook, outcome: 'accepted', reason: NO_REASON });
        } else {
          const outcome = kind === 'pause' ? 'paused' : 'failed';
          attempts.inc({ webhook, outcome, reason: failureReason(result) });
        }
      },
      succeeded({ delivery }) {
        const { webhook } = delivery;
        finished.inc({ webhook, outcome: 'delivered', reason: NO_REASON });
        // Recovered and resent mentions are always late and would distort the histogram.
        if (delivery.kind !== 'mention' || delivery.mention.spottedAtMs === null) return;
        if (isResent(delivery.key)) return;
        const ageMs = nowMs() - delivery.mention.spottedAtMs;
        spottedToAccepted.observe({ webhook }, Math.max(0, ageMs / 1_000));
      },
      repeated: ({ delivery: { webhook } }) =>
        finished.inc({ webhook, outcome: 'repeated', reason: NO_REASON }),
      failed: ({ delivery: { webhook } }, result) =>
        finished.inc({ webhook, outcome: 'failed', reason: failureReason(result) }),
      unreadable: ({ webhook }) => finished.inc({ webhook, outcome: 'failed', reason: 'other' }),
    },
    polled(result) {
      if (typeof result === 'string') {
        polls.inc({ outcome: result.replaceAll('-', '_') });
      } else {
        polls.inc({ outcome: 'succeeded' });
        newMentions.inc(result.newMentions);
        merged.inc(result.merged);
      }
    },
    countGap: () => gaps.inc(),
    countRecovered: (mentions) => recovered.inc(mentions),
    countUnreadable: (items) => unreadable.inc(items),
    async page(status) {
      showStatus(status);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function addProcessMetrics(registry: Registry): void {
  const all = new Registry();
  collectDefaultMetrics({ register: all });
  for (const name of PROCESS_METRICS) {
    const metric = all.getSingleMetric(name);
    if (metric !== undefined) registry.registerMetric(metric);
  }
}
