import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/env.ts';
import { startEmbeddedRedis } from './adapters/embedded-redis.ts';
import { createGroouplyApi, LONGEST_REQUEST_MS } from './adapters/groouply-api.ts';
import { GroouplyError } from './adapters/groouply-error.ts';
import { createHeartbeat, type Heartbeat } from './adapters/heartbeat.ts';
import { createQueues, type Queues } from './adapters/queues/queues.ts';
import { createKnownWebhooks } from './adapters/known-webhooks.ts';
import { redisKeys } from './adapters/redis-keys.ts';
import { checkRedis } from './adapters/redis-checks.ts';
import { errorCode } from './adapters/redis-error-code.ts';
import { createRedisErrorTeller, mayPass, troubleOf } from './adapters/redis-trouble.ts';
import { connectRedis, type RedisTarget } from './adapters/redis.ts';
import { readLastPollAtMs } from './adapters/relay-state.ts';
import { createRequestBudget } from './adapters/request-budget.ts';
import { createSeenMentions } from './adapters/seen-mentions.ts';
import { createWebhookGate, type BreakerSettings } from './adapters/webhook-gate.ts';
import type { EventLog } from './domain/events.ts';
import { deliver, type DeliveryOutcome, type DeliverPorts } from './pipeline/deliver.ts';
import { deliveryLog, type DueDelivery } from './pipeline/delivery-log.ts';
import {
  purgeFailed,
  tellUnconfigured,
  type KeptDeliveriesPorts,
} from './pipeline/kept-deliveries.ts';
import { createMalformedItemsTeller } from './pipeline/malformed-items.ts';
import { createPollTurn, type PollFailure } from './pipeline/poll-turn.ts';
import { poll, type PollPorts } from './pipeline/poll.ts';
import { logSummary } from './pipeline/summary.ts';
import { createTally, type Tally } from './pipeline/tally.ts';
import { watchPolling } from './pipeline/watchdog.ts';
import type { WebhookGate } from './pipeline/webhook-gate.ts';
import { VERSION } from './version.ts';
import { createPostJson, type PostJson } from './webhooks/post-json.ts';
import { webhookTypes } from './webhooks/registry.ts';

/** A relay in this process. */
export interface App {
  /** Resolves when polling and delivering have begun. If it throws, nothing is left running. */
  start(): Promise<void>;
  /**
   * Stops polling, gives deliveries under way the shutdown time-out, and lets go of everything,
   * Redis last. Does not end while Redis is away: the caller sets the bound.
   */
  stop(): Promise<void>;
}

/** The clocks and the chance that the relay runs by. */
export interface Surroundings {
  readonly nowMs: () => number;
  /** A clock that never jumps. */
  readonly monotonicMs: () => number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
}

const USER_AGENT = `mention-relay/${VERSION}`;
const WATCHDOG_INTERVAL_MS = 5_000;
const SUMMARY_INTERVAL_MS = 300_000;
const PURGE_INTERVAL_MS = 3_600_000;
const QUIT_TIMEOUT_MS = 1_000;
const PROBE_MARGIN_MS = 5_000;
const REFUSED_PAUSE_MS = 1_000;

/** The composition root: every part of the relay is made and connected here, and nowhere else. */
export function createApp(config: Config, log: EventLog, surroundings: Surroundings): App {
  const { nowMs, monotonicMs, random } = surroundings;
  const names = config.webhooks.map(({ name }) => name);
  const tally = createTally();
  const tellRedisError = createRedisErrorTeller(log, monotonicMs);
  let polledBefore = false;
  let stopping = false;
  const stopped = Promise.withResolvers<void>();
  // Released in reverse order, also when starting fails half-way.
  const releases: (() => Promise<void> | void)[] = [];

  async function start(): Promise<void> {
    const keys = redisKeys(config.redisPrefix);
    const redis = connectRedis(await redisTarget(keys.daemon), {
      log,
      anyKey: keys.state,
      tellError: tellRedisError,
    });
    releases.push(async () => {
      await Promise.race([
        redis.quit().catch(() => undefined),
        sleep(QUIT_TIMEOUT_MS, undefined, { ref: false }),
      ]);
      redis.disconnect();
    });
    for (const { reason, message, command } of await untilTaken(() => checkRedis(redis))) {
      log.warn('redis.unsafe', { reason, command }, message);
    }
    const { post, close } = createPostJson({ timeoutMs: config.delivery.timeoutMs, monotonicMs });
    releases.push(close);
    const queues = createQueues({ redis, prefix: keys.queues, onError: tellRedisError });
    releases.push(() => queues.close(config.shutdownTimeoutMs));
    const budget = createRequestBudget({
      redis,
      keys: keys.budget(config.groouply.apiKey),
      ...config.budget,
      longestRequestMs: LONGEST_REQUEST_MS,
      // Only an answer says that the request has been counted by now.
      mayStillArrive: (error) => !(error instanceof GroouplyError) || error.kind === 'unanswered',
      onWaited: (waitedMs) =>
        log.debug('budget.waited', { waitedMs }, 'a request to the API waited for the budget'),
      onSettleFailed: tellRedisError,
      monotonicMs,
    });
    const api = createGroouplyApi({
      ...config.groouply,
      userAgent: USER_AGENT,
      budget,
      onRetry: ({ endpoint, attempt, error }) =>
        log.debug(
          'poll.retrying',
          { endpoint, attempt, reason: error.message },
          'a request to the API failed and is made again',
        ),
      nowMs,
    });
    const knownWebhooks = createKnownWebhooks(redis, keys);
    const remembering = { redis, keys, generationSize: config.seenGenerationSize };
    const tellMalformed = createMalformedItemsTeller(log);

    const gate = createWebhookGate({ ...remembering, breaker: breakerOf(config), paceMs });
    await startDelivering(queues, gate, post);
    const heartbeat = createHeartbeat(redis, keys.heartbeat, tellRedisError);
    await startPolling(queues, heartbeat, {
      async fetchWindow(signal) {
        const { mentions, malformed } = await api.mentions(signal);
        tellMalformed(malformed);
        return { mentions, malformed: malformed.length, receivedAtMs: nowMs() };
      },
      seen: createSeenMentions(remembering),
      async enqueue(webhook, deliveries) {
        await knownWebhooks.add(webhook);
        await queues.enqueue(webhook, deliveries);
      },
      polledBefore: () => polledBefore,
      onEmptyState: () => queues.permitHolds(),
      log,
    });
    const kept: KeptDeliveriesPorts = { ...queues, everNames: () => knownWebhooks.names(), log };
    const purge = (): Promise<void> => purgeFailed(kept, names, config.delivery.failedRetentionMs);
    await untilTaken(() => tellUnconfigured(kept, names));
    // At the start too: a relay that is started again within the hour would never come to it.
    await purge().catch(tellRedisError);
    every(PURGE_INTERVAL_MS, purge);
    every(SUMMARY_INTERVAL_MS, () =>
      logSummary(
        {
          tally,
          counts: (webhook) => queues.counts(webhook),
          oldestWaitingAtMs: (webhook) => queues.oldestWaitingAtMs(webhook),
          budgetUsed: () => budget.used(),
          lastPollAtMs: () => readLastPollAtMs(redis, keys),
          log,
          nowMs,
        },
        names,
      ),
    );
  }

  async function redisTarget(daemonKey: string): Promise<RedisTarget> {
    if (config.redis.kind === 'external') return { url: config.redis.url };
    const embedded = await startEmbeddedRedis({ dataDir: config.redis.dataDir, daemonKey, log });
    releases.push(() => embedded.stop());
    return { socketPath: embedded.socketPath };
  }

  async function startDelivering(queues: Queues, gate: WebhookGate, post: PostJson): Promise<void> {
    for (const webhook of config.webhooks) {
      const type = webhookTypes[webhook.type];
      const ports: DeliverPorts = {
        gate,
        send(deliveries, { simplified, signal }) {
          const format = simplified ? (type.simplified ?? type.request) : type.request;
          const context = { webhook, nowMs: nowMs(), userAgent: USER_AGENT };
          return post(webhook.url, format(deliveries, context), signal);
        },
        accepted: type.accepted,
        canSimplify: type.simplified !== undefined,
        wait: (durationMs, signal) =>
          sleep(durationMs, undefined, { signal }).catch(() => undefined),
        retryScheduleMs: config.delivery.retryDelaysMs,
        log: deliveryLog(log, nowMs),
        nowMs,
        random,
      };
      const deliverDue = async (
        due: readonly DueDelivery[],
        signal: AbortSignal,
      ): Promise<readonly DeliveryOutcome[]> => {
        const outcomes = await deliver(ports, webhook.name, due, signal);
        for (const { kind } of outcomes) {
          if (kind === 'done') tally.count('delivered');
          if (kind === 'retry') tally.count('retried');
          if (kind === 'failed') tally.count('failed');
        }
        return outcomes;
      };
      await untilTaken(() => queues.startDelivering(webhook, deliverDue));
    }
  }

  async function startPolling(
    queues: Queues,
    heartbeat: Heartbeat,
    ports: PollPorts,
  ): Promise<void> {
    const { intervalMs } = config.poll;
    const turn = createPollTurn({
      poll: (signal) => poll(ports, { webhooks: config.webhooks, ...config.poll }, signal),
      explain(error) {
        if (troubleOf(error) !== null) tellRedisError(error);
        return explainPollError(error);
      },
      onOutcome(outcome) {
        if (outcome !== 'failed') polledBefore = true;
        countPoll(tally, outcome === 'failed' ? null : outcome.newMentions);
      },
      log,
      monotonicMs,
    });
    await untilTaken(() =>
      queues.startPolling(intervalMs, (signal) => heartbeat.during(() => turn(signal))),
    );
    const watched = {
      sinceLastTurnMs: () => heartbeat.sinceLastMs(),
      mend: () => queues.mend(intervalMs),
      log,
    };
    every(WATCHDOG_INTERVAL_MS, () => watchPolling(watched, intervalMs));
  }

  function paceMs(name: string): number {
    const rate = config.webhooks.find((webhook) => webhook.name === name)?.ratePerSecond;
    return rate ? 1_000 / rate : 0;
  }

  /** Redis may refuse what it is asked at the start: then it is asked until it does not. */
  async function untilTaken<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (stopping || !mayPass(error)) throw error;
        tellRedisError(error);
        await sleep(REFUSED_PAUSE_MS);
      }
    }
  }

  function every(intervalMs: number, work: () => Promise<void>): void {
    const timer = setInterval(() => void work().catch(tellRedisError), intervalMs);
    releases.push(() => clearInterval(timer));
  }

  async function stop(): Promise<void> {
    for (let release = releases.pop(); release !== undefined; release = releases.pop()) {
      await release();
    }
  }

  return {
    async start() {
      const starting = async (): Promise<void> => {
        try {
          await start();
          if (!stopping) return;
        } catch (error) {
          // A start that was cut off by a stop has not failed.
          if (!stopping) {
            await stop();
            throw error;
          }
        }
        await stop();
      };
      // What a start still waited for when Redis was let go of may never be answered.
      await Promise.race([starting(), stopped.promise]);
    },
    async stop() {
      stopping = true;
      await stop();
      stopped.resolve();
    },
  };
}

function breakerOf(config: Config): BreakerSettings {
  return {
    failuresInARow: 5,
    firstHoldMs: 5_000,
    longestHoldMs: 900_000,
    probeLeaseMs: config.delivery.timeoutMs + PROBE_MARGIN_MS,
  };
}

function countPoll(tally: Tally, newMentions: number | null): void {
  if (newMentions === null) {
    tally.count('pollsFailed');
  } else {
    tally.count('polls');
    tally.count('newMentions', newMentions);
  }
}

function explainPollError(error: unknown): PollFailure {
  if (error instanceof GroouplyError) {
    return { keyRejected: error.kind === 'key-rejected', reason: error.message };
  }
  return { keyRejected: false, reason: errorCode(error as Error) };
}
