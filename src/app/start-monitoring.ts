import { startHealthServer, type HealthAnswer } from '../monitoring/health-server.io.ts';
import { readLastPollAtMs } from '../state/relay-state.io.ts';
import { boundedQuestion, UnansweredError, readReadiness } from '../monitoring/readiness.ts';
import { type RelayStatus, relayStatus } from '../monitoring/relay-status.io.ts';
import { VERSION } from '../version.ts';
import type { Monitoring, Parts } from './parts.ts';

const NOBODY_WATCHES: Monitoring = {
  deliveries: {},
  polled: () => undefined,
  countGap: () => undefined,
  countRecovered: () => undefined,
  watch: () => undefined,
};

// Those who ask wait 1 to 10 seconds themselves.
const REDIS_TIMEOUT_MS = 2_000;

/**
 * Serves health and metrics where HEALTH_PORT is set. To be started before Redis is asked for
 * anything: whether the process lives is answered without it. Throws HealthServerError.
 */
export async function startMonitoring(
  parts: Omit<Parts, 'queues' | 'tally' | 'monitoring'>,
): Promise<Monitoring> {
  const { config, log, lifecycle, redis, keys, nowMs, reportError } = parts;
  if (config.health === null) return NOBODY_WATCHES;
  // Loaded here: a relay that nobody watches need not pay for it.
  const { createMetrics } = await import('../monitoring/metrics.io.ts');
  const metrics = createMetrics({
    webhooks: config.webhooks.map(({ name }) => name),
    budgetSize: config.budget.requestsPerWindow,
    version: VERSION,
    nowMs,
  });

  const lastPollAtMs = (): Promise<number | null> => readLastPollAtMs(redis, keys);
  const askLastPollAtMs = boundedQuestion(lastPollAtMs, REDIS_TIMEOUT_MS);
  let watching = false;
  let status = async (): Promise<RelayStatus> => ({
    webhooks: [],
    budgetUsed: null,
    lastPollAtMs: await lastPollAtMs(),
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
          const settings = { ...config.poll, ...config.budget };
          const ports = {
            stopping: lifecycle.stopping,
            starting: () => !watching,
            lastPollAtMs: askLastPollAtMs,
            nowMs,
          };
          const readiness = await readReadiness(ports, settings);
          return json(readiness.ready ? 200 : 503, readiness);
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
    watch(watched) {
      status = relayStatus(watched);
      watching = true;
    },
  };
}

function json(status: number, body: unknown): HealthAnswer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(body)}\n` };
}
