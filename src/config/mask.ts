import { formatBacklog } from '../domain/backlog.ts';
import { parseRedisUrl, type HostAndPort } from './addresses.ts';
import { digestText } from '../domain/hours/digest-times.ts';
import { hoursText } from '../domain/hours/working-hours.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { Config } from './env.ts';

/**
 * Returns the configuration without its secrets, for the log and for `check`. It shows only:
 * - the host of a webhook's URL, the names of its headers, and the number of its signing secrets;
 * - the place of an external Redis and of the proxies, and whether there is a heartbeat URL;
 * - the number of excluded authors and of pings, which are people;
 * - the fields of a template, which may hold a token.
 *
 * Fields have their units in their names.
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
    history: config.history,
    shutdownTimeoutMs: config.shutdownTimeoutMs,
    logLevel: log.level,
    logFormat: log.format,
    health: config.health,
    heartbeat: config.heartbeatUrl !== null,
    httpProxy: config.proxy.http?.host ?? null,
    httpsProxy: config.proxy.https?.host ?? null,
    noProxy: config.proxy.noProxy,
    webhooks: config.webhooks.map(maskWebhook),
  };
}

function maskRedis(text: string): Record<string, unknown> {
  const reading = parseRedisUrl(text);
  if (!reading.ok) return { kind: 'external', host: 'unreadable' };
  const address = reading.value;
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

/** Returns where Redis is, in words without a secret. */
export function redisPlace(redis: Config['redis']): string {
  if (redis.kind === 'embedded') return `the embedded Redis in ${redis.dataDir}`;
  const reading = parseRedisUrl(redis.url);
  if (!reading.ok) return 'Redis';
  const address = reading.value;
  switch (address.kind) {
    case 'server':
      return `Redis ${written(address.server)}`;
    case 'sentinel':
      return `Redis ${address.master} of the Sentinels ${address.sentinels.map(written).join(', ')}`;
    case 'cluster':
      return `the Redis Cluster ${address.nodes.map(written).join(', ')}`;
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
  const { hours, digest, pings, template, concurrency, ratePerSecond, batchSize } = rest;
  const { include, exclude, excludeAuthors, ...shownFilter } = filter;
  return {
    name,
    type,
    ...(plain && { plain }),
    host: url.host,
    signingSecrets: signingSecrets.length,
    headers: Object.keys(headers),
    events,
    ...shownFilter,
    ...(include !== undefined && { include: include.map(({ text }) => text) }),
    ...(exclude !== undefined && { exclude: exclude.map(({ text }) => text) }),
    ...(excludeAuthors !== undefined && { excludeAuthors: excludeAuthors.length }),
    ...(hours !== null && { hours: hoursText(hours) }),
    ...(digest !== null && { digest: digestText(digest) }),
    ...(pings.length > 0 && { pings: pings.length }),
    ...(template !== null && { template: template.fields }),
    concurrency,
    ratePerSecond,
    batchSize,
  };
}
