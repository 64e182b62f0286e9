import { isoTime } from '../domain/event-log.ts';
import type { Config } from '../config/env.ts';
import type { TroubleCause } from '../domain/alert.ts';
import { createKnownWebhooks } from '../delivering/outbox.io.ts';
import { readRecentTroubles } from '../delivering/troubles/recent-troubles.io.ts';
import { createQueues } from '../queues/queues.ts';
import { redisKeys } from '../redis/redis-keys.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import { readOpenGaps } from '../state/relay-state.io.ts';
import { readRelayState } from '../state/relay-state.io.ts';
import { healthFacts, relayStatus } from '../monitoring/relay-status.io.ts';
import { pauseTimes, type PauseTimes } from '../monitoring/summary.ts';
import type { DeliveryCounts } from '../domain/delivery.ts';
import { judgeHealth } from '../monitoring/readiness.ts';
import { readUnconfigured } from '../delivering/kept-deliveries.ts';
import type { GateStatus } from '../delivering/gate/webhook-gate.io.ts';
import { configFromProcess } from './access/config-from-process.ts';
import { askRelayRedis } from './access/relay-redis.ts';
import { operatorPauseText } from './control/pause-text.ts';
import {
  completenessLines,
  completenessStatus,
  type CompletenessStatus,
} from './status-completeness.ts';
import { duration, table, terminalWidth, timeLeft, type Column } from './terminal/table.ts';

/** The status of one webhook. */
interface WebhookStatus extends DeliveryCounts, Omit<GateStatus, 'operatorPause'> {
  /** The pause of an operator; null if there is none. */
  readonly pausedByOperator: PauseTimes | null;
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
  /** The last troubles, latest first. `until` is null while one lasts. */
  readonly troubles: readonly (TroubleCause & PauseTimes)[];
}

/**
 * Prints the status of the relay of this configuration, from its Redis. Sets the exit status: 0 if
 * the relay is healthy, 1 if it is not or Redis does not answer.
 */
export async function status(options: {
  readonly json?: boolean;
  readonly healthcheck?: boolean;
}): Promise<void> {
  const config = await configFromProcess();
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
    const troubles = await readRecentTroubles(redis, keys);
    const known = completenessStatus(await readRelayState(redis, keys), openGaps.length);
    const webhooks = Object.fromEntries(
      relay.webhooks.map(({ webhook, counts, ...others }) => {
        const { operatorPause, nextDigestAtMs, oldestWaitingAtMs, ...gate } = others;
        const own = {
          ...counts,
          ...gate,
          pausedByOperator: operatorPause && pauseTimes(operatorPause),
          nextDigestAt: isoTime(nextDigestAtMs),
          oldestWaitingAt: isoTime(oldestWaitingAtMs),
        };
        return [webhook, own];
      }),
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
      troubles: troubles.map(({ trouble, webhook, ...times }) =>
        Object.assign({ trouble, webhook }, pauseTimes(times)),
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
    ...troubleLines(known.troubles),
  ].join('\n');
}

/** Formats the last troubles as lines for people. */
function troubleLines(troubles: Status['troubles']): readonly string[] {
  if (troubles.length === 0) return ['Last troubles: none', ''];
  const lines = troubles.map(({ trouble, webhook, since, until }) => {
    const end = until === null ? ', still there' : until === since ? '' : ` to ${until}`;
    return `  ${trouble}${webhook === null ? '' : ` (${webhook})`}: ${since}${end}`;
  });
  return ['Last troubles:', ...lines, ''];
}

function noteOn(webhook: WebhookStatus): string {
  const { heldForMs, pausedForMs, closedForMs, gone, nextDigestAt, oldestWaitingAt } = webhook;
  const { pausedByOperator } = webhook;
  const nowMs = Date.now();
  return [
    ...(pausedByOperator === null ? [] : [operatorPauseText(pausedByOperator, nowMs)]),
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
