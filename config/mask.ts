import { formatBacklog } from '../src/domain/backlog.ts';
import type { Webhook } from '../src/domain/webhook.ts';
import type { Config } from './env.ts';

const DEFAULT_REDIS_PORT = 6379;

/**
 * The configuration without its secrets, for the log and for `check`: of a webhook's URL only the
 * host, of headers only the names, of signing secrets only how many, of an external Redis only
 * where it is. Fields have their units in their names.
 */
export function maskConfig(config: Config): Record<string, unknown> {
  const { groouply, poll, budget, delivery, log } = config;
  return {
    apiUrl: `${groouply.apiUrl.origin}${groouply.apiUrl.pathname}`,
    redis: config.redis.kind === 'embedded' ? config.redis : maskRedis(config.redis.url),
    redisPrefix: config.redisPrefix,
    pollIntervalMs: poll.intervalMs,
    backlog: formatBacklog(poll.backlog),
    dedupeBy: poll.dedupeBy,
    budgetRequests: budget.requestsPerWindow,
    budgetWindowMs: budget.windowMs,
    seenGenerationSize: config.seenGenerationSize,
    retryDelaysMs: delivery.retryDelaysMs,
    deliveryTimeoutMs: delivery.timeoutMs,
    failedRetentionMs: delivery.failedRetentionMs,
    shutdownTimeoutMs: config.shutdownTimeoutMs,
    logLevel: log.level,
    logFormat: log.format,
    webhooks: config.webhooks.map(maskWebhook),
  };
}

function maskRedis(text: string): Record<string, unknown> {
  // The error of `new URL` repeats the text.
  const url = URL.parse(text);
  if (url === null) return { kind: 'external', host: 'unreadable' };
  return {
    kind: 'external',
    host: url.hostname,
    port: Number(url.port || DEFAULT_REDIS_PORT),
    db: Number(url.pathname.slice(1)),
    tls: url.protocol === 'rediss:',
  };
}

function maskWebhook({ name, type, url, signingSecrets, headers, filter, ...rest }: Webhook) {
  const { concurrency, ratePerSecond, batchSize } = rest;
  return {
    name,
    type,
    host: url.host,
    signingSecrets: signingSecrets.length,
    headers: Object.keys(headers),
    ...filter,
    concurrency,
    ratePerSecond,
    batchSize,
  };
}
