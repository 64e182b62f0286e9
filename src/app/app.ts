import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/env.ts';
import { createKnownWebhooks, createRecentAlerts, createOutbox } from '../delivering/outbox.io.ts';
import { createQueues } from '../queues/queues.ts';
import { checkRedis, databaseRefusal } from '../redis/redis-checks.ts';
import { redisKeys } from '../redis/redis-keys.ts';
import { createRedisErrorReporter, mayPass } from '../redis/redis-errors.ts';
import { connectRedis, type RedisTarget } from '../redis/connect-redis.ts';
import { migrateState, STATE_VERSION } from '../state/state-version.io.ts';
import { createBudget } from './groouply-access.ts';
import { createPost, startDelivering } from './start-delivering.ts';
import { createLifecycle } from './lifecycle.ts';
import { startMonitoring } from './start-monitoring.ts';
import type { Surroundings } from './parts.ts';
import { startPolling } from './start-polling.ts';
import { startSweeping } from './start-recovery.ts';
import { startUpkeep } from './start-upkeep.ts';
import type { EventLog } from '../domain/event-log.ts';
import { createTally } from '../monitoring/summary.ts';

/** A relay in this process. */
export interface App {
  /**
   * Resolves when polling and delivering have begun, or when it was stopped meanwhile. If it throws,
   * nothing is left running.
   */
  start(): Promise<void>;
  /**
   * Stops polling, gives deliveries under way the shutdown time-out, and lets go of everything,
   * Redis last. Says whether they ended in time, or some were broken off and put back. Does not end
   * while Redis is away: the caller sets the bound.
   */
  stop(): Promise<'in time' | 'overdue'>;
}

const QUIT_TIMEOUT_MS = 1_000;

/** The composition root: every part of the relay is made and connected here and in app/. */
export function createApp(config: Config, log: EventLog, surroundings: Surroundings): App {
  const reportError = createRedisErrorReporter(log, surroundings.monotonicMs);
  const lifecycle = createLifecycle({ reportError, mayPass });
  let deliveriesEnded: 'in time' | 'overdue' = 'in time';

  async function start(): Promise<void> {
    const keys = redisKeys(config.redisPrefix);
    const target = await redisTarget(keys.daemon);
    const redis = connectRedis(target, { log, anyKey: keys.state, reportError });
    lifecycle.onRelease(async () => {
      const quit = redis.quit().catch(() => undefined);
      await Promise.race([quit, sleep(QUIT_TIMEOUT_MS, undefined, { ref: false })]);
      redis.disconnect();
    });
    const watched = { ...surroundings, config, log, lifecycle, redis, keys, reportError };
    const monitoring = await startMonitoring(watched);
    const refusal = databaseRefusal(redis);
    for (const { reason, what, command } of await lifecycle.untilTaken(() =>
      Promise.race([checkRedis(redis), refusal]),
    )) {
      const todo = 'run the command, and put the setting into redis.conf';
      log.warn('redis.unsafe', { reason, command }, `${what}; ${todo}`);
    }
    const migratedFrom = await lifecycle.untilTaken(() => migrateState(redis, keys.state));
    if (migratedFrom !== null) {
      const versions = { from: migratedFrom, to: STATE_VERSION };
      log.info('state.migrated', versions, 'the state in Redis is now that of this release');
    }

    // Released after the queues: attempts under way still need it.
    const post = createPost(watched);
    const queues = createQueues({ redis, prefix: keys.queues, onError: reportError });
    lifecycle.onRelease(async () => {
      deliveriesEnded = await queues.close(config.shutdownTimeoutMs);
    });

    const parts = { ...watched, monitoring, queues, tally: createTally() };
    const budget = createBudget(parts);
    monitoring.watch(queues);
    const knownWebhooks = createKnownWebhooks(redis, keys);
    await startDelivering(parts, post);
    const outbox = createOutbox({
      webhooks: config.webhooks,
      enqueue: (webhook, deliveries) => queues.enqueue(webhook, deliveries),
      knownWebhooks,
      recentAlerts: createRecentAlerts(redis, keys),
    });
    await startPolling(parts, budget, outbox);
    await startSweeping(parts, budget, outbox);
    await startUpkeep(parts, knownWebhooks, outbox);
  }

  async function redisTarget(daemonKey: string): Promise<RedisTarget> {
    if (config.redis.kind === 'external') return { url: config.redis.url };
    // Loaded here: a relay with a Redis of its own need not pay for it.
    const { startEmbeddedRedis } = await import('../redis/embedded-redis.ts');
    const embedded = await startEmbeddedRedis({ dataDir: config.redis.dataDir, daemonKey, log });
    lifecycle.onRelease(() => embedded.stop());
    return { socketPath: embedded.socketPath };
  }

  return {
    start: () => lifecycle.start(start),
    async stop() {
      await lifecycle.stop();
      return deliveriesEnded;
    },
  };
}
