import { formatBacklog } from '../domain/backlog.ts';
import { parseRedisUrl, type HostAndPort } from './redis-url.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { Config } from './env.ts';

/**
 * The configuration without its secrets, for the log and for `check`: of a webhook's URL only the
 * host, of headers only the names, of signing secrets only how many, of an external Redis only
 * where it is, of the heartbeat's URL only that there is one. Of authors, who are people, only how many. Fields have their units in their names.
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
    health: config.health,
    heartbeat: config.heartbeatUrl !== null,
    webhooks: config.webhooks.map(maskWebhook),
  };
}

function maskRedis(text: string): Record<string, unknown> {
  const reading = parseRedisUrl(text);
  if (!reading.ok) return { kind: 'external', host: 'unreadable' };
  const { address } = reading;
  switch (address.kind) {
    case 'server':
      return { kind: 'external', ...address.server, db: address.db, tls: address.tls };
    case 'sentinel':
      return {
        kind: 'sentinel',
        sentinels: address.sentinels.map(written),
        master: address.master,
        db: address.db,
        tls: address.tls,
      };
    case 'cluster':
      return { kind: 'cluster', nodes: address.nodes.map(written), tls: address.tls };
  }
}

function written({ host, port }: HostAndPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function maskWebhook({
  name,
  type,
  plain,
  url,
  signingSecrets,
  headers,
  events,
  filter,
  ...rest
}: Webhook) {
  const { concurrency, ratePerSecond, batchSize } = rest;
  const { excludeAuthors, ...shownFilter } = filter;
  return {
    name,
    type,
    ...(plain && { plain }),
    host: url.host,
    signingSecrets: signingSecrets.length,
    headers: Object.keys(headers),
    events,
    ...shownFilter,
    ...(excludeAuthors !== undefined && { excludeAuthors: excludeAuthors.length }),
    concurrency,
    ratePerSecond,
    batchSize,
  };
}
