import type { Config } from '../config/env.ts';
import type { EventLog } from '../domain/event-log.ts';
import { startHealthServer, type HealthAnswer } from '../monitoring/health-server.io.ts';
import type { Metrics } from '../monitoring/metrics.io.ts';
import {
  boundedQuestion,
  readReadiness,
  UnansweredError,
  type Readiness,
} from '../monitoring/readiness.ts';
import { healthFacts, relayStatus, type RelayStatus } from '../monitoring/relay-status.io.ts';
import type { Queues } from '../queues/queues.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import { readLastPollAtMs } from '../state/relay-state.io.ts';
import { VERSION } from '../version.ts';
import type { Lifecycle } from './lifecycle.ts';

/** The metrics of a relay, and its view from outside. */
export interface Monitoring extends Pick<
  Metrics,
  'deliveries' | 'polled' | 'countGap' | 'countRecovered' | 'countUnreadable'
> {
  readonly readiness: () => Promise<Readiness>;
  /** Ends the start: from now on the relay can be ready, and the metrics include its queues. */
  readonly watch: (queues: Pick<Queues, 'counts' | 'oldestWaitingAtMs'>) => void;
}

const NO_METRICS: Omit<Monitoring, 'watch' | 'readiness'> = {
  deliveries: {},
  polled: () => undefined,
  countGap: () => undefined,
  countRecovered: () => undefined,
  countUnreadable: () => undefined,
};

// Callers wait 1 to 10 seconds themselves.
const REDIS_TIMEOUT_MS = 2_000;

interface Needs {
  readonly config: Pick<Config, 'health' | 'webhooks' | 'groouply' | 'poll' | 'budget'>;
  readonly log: EventLog;
  readonly lifecycle: Pick<Lifecycle, 'onRelease' | 'stopping'>;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly nowMs: () => number;
  /** Reports what Redis refuses. */
  readonly reportError: (error: unknown) => void;
}

/**
 * Serves health and metrics on HEALTH_PORT. Starts before the first
 * command to Redis, because /healthz answers without it. Throws HealthServerError.
 */
export async function startMonitoring(needs: Needs): Promise<Monitoring> {
  const { config, log, lifecycle, redis, keys, nowMs, reportError } = needs;
  let starting = true;
  const ports = {
    stopping: lifecycle.stopping,
    starting: () => starting,
    facts: boundedQuestion(healthFacts({ config, redis, keys }), REDIS_TIMEOUT_MS),
    nowMs,
  };
  const readiness = () => readReadiness(ports, { ...config.poll, ...config.budget });
  if (config.health === null) {
    return { ...NO_METRICS, readiness, watch: () => void (starting = false) };
  }

  // Loaded on demand: without HEALTH_PORT the relay does not pay for it.
  const { createMetrics } = await import('../monitoring/metrics.io.ts');
  const metrics = createMetrics({
    webhooks: config.webhooks.map(({ name }) => name),
    budgetSize: config.budget.requestsPerWindow,
    version: VERSION,
    nowMs,
  });
  let status = async (): Promise<RelayStatus> => ({
    webhooks: [],
    budgetUsed: null,
    lastPollAtMs: await readLastPollAtMs(redis, keys),
    completeness: null,
  });
  const askStatus = boundedQuestion(() => status(), REDIS_TIMEOUT_MS);

  const server = await startHealthServer({
    ...config.health,
    pages: new Map([
      ['/healthz', async () => json(200, { alive: true })],
      [
        '/readyz',
        async () => {
          const answer = await readiness();
          return json(answer.ready ? 200 : 503, answer);
        },
      ],
      [
        '/metrics',
        async () => {
          const known = await askStatus().catch((error: unknown) => {
            if (!(error instanceof UnansweredError)) reportError(error);
            return null;
          });
          return { status: 200, ...(await metrics.page(known)) };
        },
      ],
    ]),
  });
  lifecycle.onRelease(() => server.close());
  log.info(
    'health.listening',
    { host: config.health.host, port: server.port },
    'serving /healthz, /readyz and /metrics',
  );

  return {
    ...metrics,
    readiness,
    watch(queues) {
      status = relayStatus({ config, queues, redis, keys, nowMs });
      starting = false;
    },
  };
}

function json(status: number, body: unknown): HealthAnswer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(body)}\n` };
}
