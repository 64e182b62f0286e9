import type { Config } from '../../config/env.ts';
import { createKnownWebhooks } from '../adapters/known-webhooks.ts';
import { createQueues } from '../adapters/queues/queues.ts';
import { redisKeys } from '../adapters/redis-keys.ts';
import type { RedisClient } from '../adapters/redis-client.ts';
import { readLastPollAtMs } from '../adapters/relay-state.ts';
import type { DeliveryCounts } from '../domain/delivery.ts';
import { pollsInTime } from '../pipeline/health.ts';
import { readUnconfigured } from '../pipeline/kept-deliveries.ts';
import { configFromProcess } from './config-from-process.ts';
import { askRelayRedis } from './relay-redis.ts';

/** How a relay stands, as its Redis tells: over all replicas. */
interface Status {
  readonly healthy: boolean;
  readonly lastPollAt: string | null;
  readonly webhooks: Readonly<Record<string, DeliveryCounts>>;
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
    const webhooks: Record<string, DeliveryCounts> = {};
    for (const { name } of config.webhooks) webhooks[name] = await queues.counts(name);
    const lastPollAtMs = await readLastPollAtMs(redis, keys);
    return {
      healthy: pollsInTime(lastPollAtMs, Date.now(), { ...config.poll, ...config.budget }),
      lastPollAt: lastPollAtMs === null ? null : new Date(lastPollAtMs).toISOString(),
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

function describe({ healthy, lastPollAt, webhooks, unconfigured }: Status): string {
  const columns = ['waiting', 'active', 'retrying', 'failed'] as const;
  const names = [...Object.keys(webhooks), ...Object.keys(unconfigured)];
  const width = Math.max(7, ...names.map((name) => name.length));
  const row = ([name, counts]: [string, DeliveryCounts]): string =>
    [name.padEnd(width), ...columns.map((column) => String(counts[column]).padStart(9))].join('');
  const rows = [
    ...Object.entries(webhooks).map(row),
    ...Object.entries(unconfigured).map((each) => `${row(each)}  (not configured)`),
  ];
  return [
    `Last successful poll: ${lastPollAt ?? 'none yet'}${healthy ? '' : ' (too long ago: see the log of the relay)'}`,
    ['webhook'.padEnd(width), ...columns.map((column) => column.padStart(9))].join(''),
    ...rows,
    '',
  ].join('\n');
}
