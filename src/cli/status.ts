import { join } from 'node:path';
import type { Config } from '../../config/env.ts';
import { createQueues } from '../adapters/queues/queues.ts';
import { redisKeys } from '../adapters/redis-keys.ts';
import { connectRedisOnce, errorCode, type RedisTarget } from '../adapters/redis.ts';
import { readLastPollAtMs } from '../adapters/relay-state.ts';
import type { DeliveryCounts } from '../domain/delivery.ts';
import { pollsInTime } from '../pipeline/health.ts';
import { configFromProcess } from './config-from-process.ts';

/** How a relay stands, as its Redis tells: over all replicas. */
interface Status {
  readonly healthy: boolean;
  readonly lastPollAt: string | null;
  readonly webhooks: Readonly<Record<string, DeliveryCounts>>;
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
  const reading = await readStatus(config).catch((error: unknown) => errorCode(error as Error));
  if (typeof reading === 'string') {
    process.exitCode = 1;
    process.stderr.write(
      `Redis does not answer (${reading}). ${
        config.redis.kind === 'embedded'
          ? `Is a relay running with DATA_DIR ${config.redis.dataDir}?`
          : 'Check REDIS_URL, and that Redis runs.'
      }\n`,
    );
    return;
  }
  process.exitCode = reading.healthy ? 0 : 1;
  if (options.healthcheck && reading.healthy) return;
  process.stdout.write(options.json ? `${JSON.stringify(reading)}\n` : describe(reading));
}

async function readStatus(config: Config): Promise<Status> {
  const keys = redisKeys(config.redisPrefix);
  const redis = await connectRedisOnce(targetOf(config));
  const queues = createQueues({ redis, prefix: keys.queues, onError: () => undefined });
  try {
    const webhooks: Record<string, DeliveryCounts> = {};
    for (const { name } of config.webhooks) webhooks[name] = await queues.counts(name);
    const lastPollAtMs = await readLastPollAtMs(redis, keys);
    return {
      healthy: pollsInTime(lastPollAtMs, Date.now(), { ...config.poll, ...config.budget }),
      lastPollAt: lastPollAtMs === null ? null : new Date(lastPollAtMs).toISOString(),
      webhooks,
    };
  } finally {
    await queues.close(0);
    redis.disconnect();
  }
}

function targetOf({ redis }: Config): RedisTarget {
  return redis.kind === 'external'
    ? { url: redis.url }
    : { socketPath: join(redis.dataDir, 'redis.sock') };
}

function describe({ healthy, lastPollAt, webhooks }: Status): string {
  const columns = ['waiting', 'active', 'retrying', 'failed'] as const;
  const width = Math.max(7, ...Object.keys(webhooks).map((name) => name.length));
  const rows = Object.entries(webhooks).map(([name, counts]) =>
    [name.padEnd(width), ...columns.map((column) => String(counts[column]).padStart(9))].join(''),
  );
  return [
    `Last successful poll: ${lastPollAt ?? 'none yet'}${healthy ? '' : ' (too long ago: see the log of the relay)'}`,
    ['webhook'.padEnd(width), ...columns.map((column) => column.padStart(9))].join(''),
    ...rows,
    '',
  ].join('\n');
}
