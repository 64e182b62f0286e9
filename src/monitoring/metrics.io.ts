import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DeliveryCounts } from '../domain/delivery.ts';
import type { DeliveryListener } from '../delivering/delivery-events.ts';
import { FAILURE_REASONS, failureReason } from '../delivering/verdict.ts';
import type { PollResult } from '../polling/poll-run.ts';
import type { RelayStatus } from './relay-status.io.ts';

/** Counts what happens in this process, and writes it as a page for Prometheus. */
export interface Metrics {
  readonly deliveries: DeliveryListener;
  readonly polled: (result: PollResult) => void;
  /** A window shared nothing with those before it. */
  readonly countGap: () => void;
  readonly countRecovered: (mentions: number) => void;
  /** The page, with how all replicas stand: null if Redis does not tell. */
  readonly page: (
    status: RelayStatus | null,
  ) => Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Of what prom-client measures of a process, what is worth knowing of this one. */
const OF_THE_PROCESS = [
  // This one measures for the other two.
  'process_cpu_user_seconds_total',
  'process_cpu_system_seconds_total',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
];
// A second to a day: from a mention that was polled and sent at once to one that waited for a
// receiver over the whole retry schedule.
const BUCKETS_SECONDS = [
  1, 2.5, 5, 10, 15, 30, 60, 120, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400,
];
const NO_REASON = 'none';
const PAUSE_REASONS = ['status_429', 'status_503'];
const STATES: readonly (keyof DeliveryCounts)[] = ['waiting', 'active', 'retrying', 'failed'];

/**
 * The metrics of this process, by the naming rules of Prometheus
 * (https://prometheus.io/docs/practices/naming/); docs/monitoring.md describes each. Every series
 * of these webhooks is there from the start, at 0: a series that begins at 1 has no rate.
 */
export function createMetrics(options: {
  readonly webhooks: readonly string[];
  /** How many requests the budget allows. */
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

  gauge('build_info', 'Always 1; the labels say what runs.', ['version']).set({ version }, 1);
  const polls = counter('polls_total', 'Polls by outcome.', ['outcome']);
  const newMentions = counter('new_mentions_total', 'Mentions that were not seen before.');
  const gaps = counter('gaps_total', 'Windows that may have missed mentions.');
  const recovered = counter(
    'recovered_mentions_total',
    'Mentions that windows missed and sweeps found.',
  );
  const finished = counter('deliveries_finished_total', 'Deliveries that are over, by outcome.', [
    'webhook',
    'outcome',
    'reason',
  ]);
  const attempts = counter('attempts_total', 'POSTs by outcome.', ['webhook', 'outcome', 'reason']);
  const spottedToAccepted = new Histogram({
    name: 'mention_relay_spotted_to_accepted_seconds',
    help: 'From a mention being spotted to the webhook accepting it.',
    labelNames: ['webhook'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });

  const redisUp = gauge('redis_up', 'Whether Redis answered for this page.');
  const deliveries = gauge('deliveries', 'Deliveries by state, over all replicas.', [
    'webhook',
    'state',
  ]);
  const oldestWaiting = gauge(
    'oldest_waiting_age_seconds',
    'Age of the delivery that has waited longest, over all replicas.',
    ['webhook'],
  );
  const held = gauge('webhook_held', 'Whether the webhook is held because it keeps failing.', [
    'webhook',
  ]);
  const budgetUsed = gauge('budget_used_requests', 'Slots of the budget that are taken.');
  gauge('budget_size_requests', 'Slots of the budget.').set(budgetSize);
  const lastPoll = gauge(
    'last_successful_poll_timestamp_seconds',
    'When a poll last succeeded, on any replica; 0 if none ever did.',
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
    // What Redis does not tell is not there, rather than old or 0.
    for (const each of [deliveries, oldestWaiting, held]) each.reset();
    for (const each of [budgetUsed, lastPoll]) each.remove();
    if (status === null) return;
    for (const { webhook, counts, oldestWaitingAtMs, heldForMs } of status.webhooks) {
      for (const state of STATES) deliveries.set({ webhook, state }, counts[state]);
      const ageMs = oldestWaitingAtMs === null ? 0 : nowMs() - oldestWaitingAtMs;
      oldestWaiting.set({ webhook }, Math.max(0, ageMs / 1_000));
      held.set({ webhook }, heldForMs === null ? 0 : 1);
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
        // A recovered mention is late whatever the relay does: it would spoil the measure.
        if (delivery.kind !== 'mention' || delivery.mention.spottedAtMs === null) return;
        const ageMs = nowMs() - delivery.mention.spottedAtMs;
        spottedToAccepted.observe({ webhook }, Math.max(0, ageMs / 1_000));
      },
      repeated: ({ delivery: { webhook } }) =>
        finished.inc({ webhook, outcome: 'repeated', reason: NO_REASON }),
      failed: ({ delivery: { webhook } }, result) =>
        finished.inc({ webhook, outcome: 'failed', reason: failureReason(result) }),
    },
    polled(result) {
      if (typeof result === 'string') {
        polls.inc({ outcome: result.replaceAll('-', '_') });
      } else {
        polls.inc({ outcome: 'succeeded' });
        newMentions.inc(result.newMentions);
      }
    },
    countGap: () => gaps.inc(),
    countRecovered: (mentions) => recovered.inc(mentions),
    async page(status) {
      showStatus(status);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function addProcessMetrics(registry: Registry): void {
  const all = new Registry();
  collectDefaultMetrics({ register: all });
  for (const name of OF_THE_PROCESS) {
    const metric = all.getSingleMetric(name);
    if (metric !== undefined) registry.registerMetric(metric);
  }
}
