import { isoTime } from '../domain/iso-time.ts';
import type { Config } from '../../config/env.ts';
import { createKnownWebhooks } from '../adapters/known-webhooks.ts';
import { createQueues } from '../adapters/queues/queues.ts';
import { redisKeys } from '../adapters/redis-keys.ts';
import type { RedisClient } from '../adapters/redis-client.ts';
import { readOpenGaps } from '../adapters/open-gaps.ts';
import { readRelayState } from '../adapters/relay-state.ts';
import { standingOf } from '../app/standing.ts';
import type { DeliveryCounts } from '../domain/delivery.ts';
import { pollsInTime } from '../pipeline/health.ts';
import { readUnconfigured } from '../pipeline/kept-deliveries.ts';
import type { GateStanding } from '../pipeline/webhook-gate.ts';
import { configFromProcess } from './config-from-process.ts';
import { duration } from './failed-text.ts';
import { askRelayRedis } from './relay-redis.ts';
import {
  completenessLines,
  completenessStatus,
  type CompletenessStatus,
} from './status-completeness.ts';
import { table, terminalWidth, type Column } from './table.ts';

/** How one webhook stands. */
interface WebhookStatus extends DeliveryCounts, GateStanding {
  /** When the delivery that has waited longest was queued; null if none waits. */
  readonly oldestWaitingAt: string | null;
}

/** How a relay stands, as its Redis tells: over all replicas. */
interface Status extends CompletenessStatus {
  readonly healthy: boolean;
  readonly lastPollAt: string | null;
  /** Slots of the request budget that are taken, and how many there are. */
  readonly budgetUsed: number | null;
  readonly budgetRequests: number;
  readonly webhooks: Readonly<Record<string, WebhookStatus>>;
  /** Webhooks that were taken out of the configuration and have left deliveries. */
  readonly unconfigured: Readonly<Record<string, DeliveryCounts>>;
}

/**
 * Prints how the relay of this configuration stands, from its Redis. Sets the exit status: 0 if
 * its polls succeed in time, 1 if they do not or Redis does not answer.
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
    const standing = await standingOf({ config, queues, redis, keys })();
    const { lastPollAtMs, budgetUsed } = standing;
    const openGaps = await readOpenGaps(redis, keys.gaps);
    const known = completenessStatus(await readRelayState(redis, keys), openGaps.length);
    const webhooks = Object.fromEntries(
      standing.webhooks.map(({ webhook, counts, oldestWaitingAtMs, heldForMs, pausedForMs }) => [
        webhook,
        { ...counts, heldForMs, pausedForMs, oldestWaitingAt: isoTime(oldestWaitingAtMs) },
      ]),
    );
    return {
      healthy: pollsInTime(lastPollAtMs, Date.now(), { ...config.poll, ...config.budget }),
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

function describe(standing: Status): string {
  const { healthy, lastPollAt, webhooks, unconfigured } = standing;
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
    `Last successful poll: ${lastPollAt === null ? 'none yet' : `${duration(Date.now() - Date.parse(lastPollAt))} ago (${lastPollAt})`}${healthy ? '' : ': too long ago, see the log of the relay'}`,
    `Request budget: ${standing.budgetUsed} of ${standing.budgetRequests} a minute used`,
    ...completenessLines(standing),
    '',
    ...table(columns, rows, terminalWidth()),
    '',
  ].join('\n');
}

function noteOn({ heldForMs, pausedForMs, oldestWaitingAt }: WebhookStatus): string {
  const oldestMs = oldestWaitingAt === null ? null : Date.now() - Date.parse(oldestWaitingAt);
  return [
    ...(heldForMs === null ? [] : [`held for ${duration(heldForMs)}`]),
    ...(pausedForMs === null ? [] : [`paused for ${duration(pausedForMs)} more`]),
    ...(oldestMs === null ? [] : [`oldest ${duration(oldestMs)}`]),
  ].join(', ');
}
