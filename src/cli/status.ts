import { isoTime } from '../domain/event-log.ts';
import type { Config } from '../config/env.ts';
import { createKnownWebhooks } from '../delivering/outbox.io.ts';
import { createQueues } from '../queues/queues.ts';
import { redisKeys } from '../redis/redis-keys.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import { readOpenGaps } from '../state/relay-state.io.ts';
import { readRelayState, type RelayState } from '../state/relay-state.io.ts';
import { healthFacts, relayStatus } from '../monitoring/relay-status.io.ts';
import type { DeliveryCounts } from '../domain/delivery.ts';
import { judgeHealth } from '../monitoring/readiness.ts';
import { readUnconfigured } from '../delivering/kept-deliveries.ts';
import type { GateStatus } from '../delivering/gate/webhook-gate.io.ts';
import { configFromProcess } from './access/config-from-process.ts';
import { askRelayRedis } from './access/relay-redis.ts';
import { duration, table, terminalWidth, timeLeft, type Column } from './terminal/table.ts';

/** The status of one webhook. */
interface WebhookStatus extends DeliveryCounts, GateStatus {
  /** The time until its working hours begin; null within them. */
  readonly closedForMs: number | null;
  /** The time of the next digest; null if deliveries are sent as they come. */
  readonly nextDigestAt: string | null;
  /** The time since which the oldest delivery waits within working hours; null if none does. */
  readonly oldestWaitingAt: string | null;
}

/** The status of a relay over all replicas, as its Redis has it. */
interface Status extends CompletenessStatus {
  readonly healthy: boolean;
  /** Why the relay is not healthy, in the words of `/readyz`; null if it is. */
  readonly problem: string | null;
  readonly lastPollAt: string | null;
  /** The slots of the request budget that are in use, and their total. */
  readonly budgetUsed: number | null;
  readonly budgetRequests: number;
  readonly webhooks: Readonly<Record<string, WebhookStatus>>;
  /** Webhooks that are no longer configured but still have deliveries. */
  readonly unconfigured: Readonly<Record<string, DeliveryCounts>>;
}

/**
 * Prints the status of the relay of this configuration, from its Redis. Sets the exit status: 0 if
 * the relay is healthy, 1 if it is not or Redis does not answer.
 */
export async function status(options: {
  readonly json?: boolean;
  readonly healthcheck?: boolean;
}): Promise<void> {
  const config = configFromProcess();
  const reading = await askRelayRedis(config, (redis) => readStatus(config, redis));
  if (reading === undefined) return;
  process.exitCode = reading.healthy ? 0 : 1;
  if (options.healthcheck && reading.healthy) return;
  process.stdout.write(options.json ? `${JSON.stringify(reading)}\n` : describe(reading));
}

async function readStatus(config: Config, redis: RedisClient): Promise<Status> {
  const keys = redisKeys(config.redisPrefix);
  const queues = createQueues({ redis, prefix: keys.queues, onError: () => undefined });
  try {
    const relay = await relayStatus({ config, queues, redis, keys, nowMs: () => Date.now() })();
    const { lastPollAtMs, budgetUsed } = relay;
    const isGone = async (name: string) =>
      relay.webhooks.some(({ webhook, gone }) => webhook === name && gone);
    const facts = await healthFacts({ config, redis, keys, isGone })();
    const health = judgeHealth(facts, Date.now(), { ...config.poll, ...config.budget });
    const openGaps = await readOpenGaps(redis, keys.gaps);
    const known = completenessStatus(await readRelayState(redis, keys), openGaps.length);
    const webhooks = Object.fromEntries(
      relay.webhooks.map(({ webhook, counts, nextDigestAtMs, oldestWaitingAtMs, ...gate }) => [
        webhook,
        {
          ...counts,
          ...gate,
          nextDigestAt: isoTime(nextDigestAtMs),
          oldestWaitingAt: isoTime(oldestWaitingAtMs),
        },
      ]),
    );
    return {
      healthy: health.ready,
      problem: health.ready ? null : health.detail,
      lastPollAt: isoTime(lastPollAtMs),
      budgetUsed,
      budgetRequests: config.budget.requestsPerWindow,
      ...known,
      webhooks,
      unconfigured: await readUnconfigured(
        {
          everNames: () => createKnownWebhooks(redis, keys).names(),
          counts: (webhook) => queues.counts(webhook),
        },
        Object.keys(webhooks),
      ),
    };
  } finally {
    await queues.close(0);
  }
}

function describe(known: Status): string {
  const { problem, lastPollAt, webhooks, unconfigured } = known;
  const columns: readonly Column[] = [
    { head: 'webhook' },
    { head: 'waiting', align: 'right' },
    { head: 'active', align: 'right' },
    { head: 'retrying', align: 'right' },
    { head: 'failed', align: 'right' },
    { head: '', fill: true },
  ];
  const row = (
    name: string,
    { waiting, active, retrying, failed }: DeliveryCounts,
    note: string,
  ) => [name, ...[waiting, active, retrying, failed].map(String), note];
  const rows = [
    ...Object.entries(webhooks).map(([name, each]) => row(name, each, noteOn(each))),
    ...Object.entries(unconfigured).map(([name, each]) => row(name, each, '(not configured)')),
  ];
  return [
    `Last successful poll: ${lastPollAt === null ? 'none yet' : `${duration(Date.now() - Date.parse(lastPollAt))} ago (${lastPollAt})`}`,
    ...(problem === null ? [] : [`Not healthy: ${problem}; see the log of the relay`]),
    `Request budget: ${known.budgetUsed} of ${known.budgetRequests} per minute used`,
    ...completenessLines(known),
    '',
    ...table(columns, rows, terminalWidth()),
    '',
  ].join('\n');
}

function noteOn(webhook: WebhookStatus): string {
  const { heldForMs, pausedForMs, closedForMs, gone, nextDigestAt, oldestWaitingAt } = webhook;
  const nowMs = Date.now();
  return [
    ...(gone ? ['gone (410): paused until resumed'] : []),
    ...(heldForMs === null ? [] : [`held for ${duration(heldForMs)}`]),
    ...(pausedForMs === null ? [] : [`paused for ${duration(pausedForMs)} more`]),
    ...(closedForMs === null ? [] : [`closed for ${timeLeft(closedForMs)} more`]),
    ...(nextDigestAt === null ? [] : [`digest in ${timeLeft(Date.parse(nextDigestAt) - nowMs)}`]),
    ...(oldestWaitingAt === null
      ? []
      : [`oldest ${duration(nowMs - Date.parse(oldestWaitingAt))}`]),
  ].join(', ');
}

/** Counts of mentions that polls may have missed. Times are ISO 8601. */
export interface CompletenessStatus {
  /** The number of gaps ever found, and the time of the last one. */
  readonly gaps: number;
  readonly lastGapAt: string | null;
  /** The number of gaps that no sweep has searched yet. */
  readonly openGaps: number;
  /** The number of mentions ever recovered. */
  readonly recovered: number;
  /** The part that the last sweep could not search because it reached its limits. */
  readonly unknown: {
    readonly groups: number;
    /** Posts that may or may not have been missed. */
    readonly posts: number;
    readonly from: string | null;
    readonly to: string | null;
  } | null;
  /** The posts of the last day in the groups, and how many of them arrived in time. */
  readonly completeness: {
    readonly posts: number;
    readonly inTime: number;
    readonly countedAt: string | null;
  } | null;
}

/** Derives the completeness from the relay's state. */
export function completenessStatus(state: RelayState, openGaps: number): CompletenessStatus {
  const { lastUnknown, completeness } = state;
  return {
    gaps: state.gaps,
    lastGapAt: isoTime(state.lastGap?.foundAtMs ?? null),
    openGaps,
    recovered: state.recovered,
    unknown: lastUnknown && {
      groups: lastUnknown.groups,
      posts: lastUnknown.posts,
      from: isoTime(lastUnknown.fromMs),
      to: isoTime(lastUnknown.toMs),
    },
    completeness: completeness && { ...completeness, countedAt: isoTime(state.sweptAtMs) },
  };
}

/** Formats the completeness as lines for people. */
export function completenessLines(found: CompletenessStatus): string[] {
  const { gaps, lastGapAt, openGaps, recovered, unknown, completeness } = found;
  const open = openGaps === 0 ? '' : `, ${openGaps} not yet searched`;
  return [
    `Gaps: ${gaps === 0 ? 'none found' : `${gaps}, the last at ${lastGapAt}${open}`}`,
    ...(recovered === 0 ? [] : [`Recovered after gaps: ${recovered}`]),
    ...(unknown === null ? [] : unknownLines(unknown)),
    ...(completeness === null
      ? []
      : [
          `Last day: ${completeness.inTime} of ${completeness.posts} posts arrived in time (counted at ${completeness.countedAt})`,
        ]),
  ];
}

function unknownLines(unknown: NonNullable<CompletenessStatus['unknown']>): string[] {
  const { groups, posts, from, to } = unknown;
  const counted = (count: number, what: string): string[] =>
    count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];
  const what = [...counted(groups, 'group'), ...counted(posts, 'post')].join(' and ');
  return [`Unknown: ${what} may hold more mentions from ${from ?? '?'} to ${to ?? '?'}`];
}
