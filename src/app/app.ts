import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/env.ts';
import { logUnconfigured, purgeFailed } from '../delivering/kept-deliveries.ts';
import { createKnownWebhooks, createOutbox, type KnownWebhooks } from '../delivering/outbox.io.ts';
import { createTroubles } from '../delivering/troubles/troubles.io.ts';
import type { EventLog } from '../domain/event-log.ts';
import { createOperatorLog, type OperatorLog } from '../monitoring/operator-log.io.ts';
import { relayStatus, type RelayStatus } from '../monitoring/relay-status.io.ts';
import { createTally, logPaused, logSummary, type Tally } from '../monitoring/summary.ts';
import { createQueues, type Queues } from '../queues/queues.ts';
import { connectRedis, mistakeAt, type RedisTarget } from '../redis/connect-redis.ts';
import { checkRedis, fullestMemory, unfitByError } from '../redis/redis-checks.ts';
import { endConnection } from '../redis/redis-duplicates.ts';
import { createRedisErrorReporter, mayPass } from '../redis/redis-errors.ts';
import { RedisUnfitError, unfitByAnswer } from '../redis/redis-mistakes.ts';
import { redisKeys } from '../redis/redis-keys.ts';
import { migrateState, STATE_VERSION } from '../state/state-version.io.ts';
import { createBudget } from './groouply-access.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { startClockWatch } from './start-clock-watch.ts';
import { createPost, startDelivering } from './start-delivering.ts';
import { startHistory } from './start-history.ts';
import { startMonitoring } from './start-monitoring.ts';
import { startPolling } from './start-polling.ts';
import { startRecovery } from './start-recovery.ts';
import { createRedisRefusal, startServiceStatus } from './start-service-status.ts';
import { startTroubleWatch } from './start-trouble-watch.ts';

/** The clocks, the randomness and the way to report its state that the process gives to the relay. */
export interface Surroundings {
  readonly nowMs: () => number;
  /** A clock that never jumps. */
  readonly monotonicMs: () => number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  /** Receives what the relay does or waits for, and of which kind that is. */
  readonly serviceStatus?: ((kind: string, text: string) => void) | undefined;
}

/** A relay in this process. */
export interface App {
  /**
   * Resolves when polling and delivering have begun, or after a stop. If it throws, nothing is left
   * running.
   */
  start(): Promise<void>;
  /**
   * Stops polling, gives deliveries under way the shutdown time-out, and releases everything, Redis
   * last. Returns `overdue` if some deliveries were broken off and put back. Does not end while Redis
   * is away: the caller sets the limit.
   */
  stop(): Promise<'in time' | 'overdue'>;
  /**
   * Ends the connection to Redis, so that a stop ends without it. Other replicas, or the next relay,
   * put back what was under way.
   */
  abandon(): void;
}

const QUIT_TIMEOUT_MS = 1_000;

/** Creates and connects every part of the relay, here and in the other files of app/. */
export function createApp(config: Config, log: EventLog, surroundings: Surroundings): App {
  const refusal = createRedisRefusal(surroundings.monotonicMs);
  const logError = createRedisErrorReporter(log, surroundings.monotonicMs);
  const reportError = (error: unknown): void => {
    refusal.note(error);
    logError(error);
  };
  const lifecycle = createLifecycle({ reportError, mayPass });
  let dataRepaired = (): boolean => false;
  let deliveriesEnded: 'in time' | 'overdue' = 'in time';
  let disconnect = (): void => undefined;

  async function start(): Promise<void> {
    const keys = redisKeys(config.redisPrefix);
    const target = await redisTarget(keys.daemon);
    let closing = false;
    const redis = connectRedis(target, {
      log,
      anyKey: keys.state,
      reportError,
      closing: () => closing,
    });
    disconnect = () => {
      closing = true;
      endConnection(redis);
    };
    lifecycle.onRelease(async () => {
      closing = true;
      const quit = redis.quit().catch(() => undefined);
      await Promise.race([quit, sleep(QUIT_TIMEOUT_MS, undefined, { ref: false })]);
      redis.disconnect();
    });
    const watched = { ...surroundings, config, log, lifecycle, redis, keys, reportError };
    const monitoring = await startMonitoring(watched);
    const { readiness } = monitoring;
    const report = surroundings.serviceStatus;
    const watchWork = startServiceStatus({ ...watched, readiness, refusal, report });
    const place = expectRedisAt(target);
    const refusals = [
      unfitByError(redis),
      place.then(() => Promise.withResolvers<never>().promise),
    ];
    for (const { reason, what, command } of await lifecycle.untilTaken(() =>
      Promise.race([
        checkRedis(redis, keys.state).catch(async (error: unknown) => {
          // What the port answers explains more than a connection that breaks.
          if (!mayPass(error)) await place;
          throw error;
        }),
        ...refusals,
      ]),
    )) {
      const todo = 'run the command, and put the setting into redis.conf';
      log.warn('redis.unsafe', { reason, command }, `${what}; ${todo}`);
    }
    const migratedFrom = await lifecycle.untilTaken(() => migrateState(redis, keys.state));
    if (migratedFrom !== null) {
      const versions = { from: migratedFrom, to: STATE_VERSION };
      log.info('state.migrated', versions, 'the state in Redis was migrated to this release');
    }

    // Released after the queues: attempts under way still need it.
    const post = createPost(watched);
    const queues = createQueues({ redis, prefix: keys.queues, onError: reportError });
    lifecycle.onRelease(async () => {
      deliveriesEnded = await queues.close(config.shutdownTimeoutMs);
    });

    const tally = createTally();
    const history = await startHistory(watched);
    const parts = { ...watched, monitoring, queues, tally, history };
    const status = relayStatus(parts);
    monitoring.watch(queues);
    const knownWebhooks = createKnownWebhooks(redis, keys);
    const outbox = createOutbox({
      webhooks: config.webhooks,
      enqueue: (webhook, deliveries) => queues.enqueue(webhook, deliveries),
      knownWebhooks,
      redis,
      keys,
    });
    const troubles = createTroubles({ ...watched, webhooks: config.webhooks, put: outbox.put });
    await startClockWatch({ ...parts, troubles });
    await startDelivering({ ...parts, troubles }, post);
    const budget = createBudget(watched);
    await startPolling({ ...parts, budget, outbox, troubles, dataRepaired });
    await startRecovery({ ...parts, budget, outbox, troubles });
    const operatorLog = createOperatorLog(redis, keys);
    await startUpkeep({ ...parts, status, knownWebhooks, operatorLog });
    watchWork(status);
    startTroubleWatch({ ...parts, status, troubles, memory: () => fullestMemory(redis) });
  }

  async function redisTarget(daemonKey: string): Promise<RedisTarget> {
    if (config.redis.kind === 'external') return { url: config.redis.url };
    // Loaded here: a relay with REDIS_URL does not need it.
    const { startEmbeddedRedis } = await import('../redis/embedded-redis.ts');
    const embedded = await startEmbeddedRedis({ dataDir: config.redis.dataDir, daemonKey, log });
    lifecycle.onRelease(() => embedded.stop());
    dataRepaired = embedded.repaired;
    return { socketPath: embedded.socketPath };
  }

  return {
    start: () =>
      lifecycle.start(() =>
        start().catch((error: unknown) => {
          throw unfitByAnswer(error) ?? error;
        }),
      ),
    async stop() {
      await lifecycle.stop();
      return deliveriesEnded;
    },
    abandon: () => disconnect(),
  };
}

/** Throws RedisUnfitError if something else than a Redis as the URL describes it is there. */
async function expectRedisAt(target: RedisTarget): Promise<void> {
  const mistake = await mistakeAt(target);
  if (mistake instanceof RedisUnfitError) throw mistake;
}

const SUMMARY_INTERVAL_MS = 300_000;
const PURGE_INTERVAL_MS = 3_600_000;
// Whoever ran a command looks for its line soon.
const COMMANDS_INTERVAL_MS = 5_000;

/** The parts of a relay that upkeep uses. */
export interface UpkeepParts {
  readonly config: Pick<Config, 'webhooks' | 'delivery'>;
  readonly log: EventLog;
  readonly lifecycle: Pick<Lifecycle, 'every' | 'untilTaken'>;
  readonly queues: Pick<Queues, 'counts' | 'purgeFailed'>;
  readonly status: () => Promise<RelayStatus>;
  readonly knownWebhooks: Pick<KnownWebhooks, 'names'>;
  readonly operatorLog: Pick<OperatorLog, 'write'>;
  readonly tally: Tally;
  readonly reportError: (error: unknown) => void;
  readonly nowMs: () => number;
}

/** Starts the periodic work: the summary, the log of commands, and the purge of old failures. */
export async function startUpkeep(parts: UpkeepParts): Promise<void> {
  const { config, log, lifecycle, queues } = parts;
  const names = config.webhooks.map(({ name }) => name);
  const kept = {
    counts: (webhook: string) => queues.counts(webhook),
    purgeFailed: (webhook: string, ageMs: number) => queues.purgeFailed(webhook, ageMs),
    everNames: () => parts.knownWebhooks.names(),
    log,
  };
  const purge = (): Promise<void> => purgeFailed(kept, names, config.delivery.failedRetentionMs);

  const logCommands = (): Promise<void> => parts.operatorLog.write(log);

  await lifecycle.untilTaken(() => logUnconfigured(kept, names));
  await logPaused(parts).catch(parts.reportError);
  await logCommands().catch(parts.reportError);
  lifecycle.every(COMMANDS_INTERVAL_MS, logCommands);
  // At the start too: a relay that restarts every hour would never purge.
  await purge().catch(parts.reportError);
  lifecycle.every(PURGE_INTERVAL_MS, purge);
  lifecycle.every(SUMMARY_INTERVAL_MS, () => logSummary(parts));
}
