import type { Config } from '../../config/env.ts';
import { maskConfig } from '../../config/mask.ts';
import { webhookVariable } from '../../config/webhook-variables.ts';
import { formatBacklog } from '../../domain/backlog.ts';
import { printable } from '../../domain/foreign/printable.ts';
import { pingsText, type Webhook } from '../../domain/webhook.ts';
import { digestNow, hoursNow } from '../hours-now.ts';
import { wrapped } from '../terminal/table.ts';

const DAY_MS = 86_400_000;
const MB = 1_000_000;
const NAME_WIDTH = 24;
const MARGIN = ' '.repeat(2 + NAME_WIDTH + 1);

/**
 * Lists the variables with their values, without secrets, at most `width` columns wide, and which
 * webhooks are closed or wait for a digest at `nowMs`.
 */
export function configurationText(
  config: Config,
  { width, nowMs }: { readonly width: number; readonly nowMs: number },
): string {
  const { groouply, poll, budget, delivery, history, log, health } = config;
  const seconds = (ms: number): string => String(ms / 1000);
  const settings: (readonly [string, string])[] = [
    ['GROOUPLY_API_KEY', 'set'],
    ['GROOUPLY_API_URL', `${groouply.apiUrl.origin}${groouply.apiUrl.pathname}`],
    redis(config),
    ['REDIS_PREFIX', config.redisPrefix],
    ['POLL_INTERVAL_SECONDS', seconds(poll.intervalMs)],
    ['RATE_BUDGET_PER_MINUTE', String(budget.requestsPerWindow)],
    ['BACKLOG', formatBacklog(poll.backlog)],
    ['DEDUPE_BY', poll.dedupeBy],
    ['SEEN_GENERATION_SIZE', String(config.seenGenerationSize)],
    ['RETRY_SCHEDULE_SECONDS', delivery.retryDelaysMs.map(seconds).join(',')],
    ['DELIVERY_TIMEOUT_SECONDS', seconds(delivery.timeoutMs)],
    ['FAILED_RETENTION_DAYS', String(delivery.failedRetentionMs / DAY_MS)],
    ['HISTORY_DAYS', String((history?.maxAgeMs ?? 0) / DAY_MS)],
    ['HISTORY_MAX_MB', history === null ? 'not used' : String(history.maxBytes / MB)],
    ['SHUTDOWN_TIMEOUT_SECONDS', seconds(config.shutdownTimeoutMs)],
    ['LOG_LEVEL', log.level],
    ['LOG_FORMAT', log.format],
    ['HEALTH_PORT', health === null ? 'not set' : `${health.port} on ${health.host}`],
    ['HEARTBEAT_URL', config.heartbeatUrl === null ? 'not set' : 'set'],
    ['HTTP_PROXY', config.proxy.http?.host ?? 'not set'],
    ['HTTPS_PROXY', config.proxy.https?.host ?? 'not set'],
    ['NO_PROXY', config.proxy.noProxy.join(', ') || 'not set'],
    ...config.webhooks.map(
      (each) => [webhookVariable(each.name, 'URL'), webhook(each, nowMs)] as const,
    ),
  ];
  const lines = settings.flatMap(([name, value]) =>
    wrapped(`  ${name.padEnd(NAME_WIDTH)} ${printable(value, Infinity)}`, width, MARGIN),
  );
  return ['The configuration, without its secrets:', ...lines, '', ''].join('\n');
}

function redis(config: Config): readonly [string, string] {
  if (config.redis.kind === 'embedded') return ['DATA_DIR', config.redis.dataDir];
  const { kind: _, ...address } = maskConfig(config)['redis'] as Readonly<Record<string, unknown>>;
  const parts = Object.entries(address).map(([name, value]) => `${name} ${String(value)}`);
  return ['REDIS_URL', parts.join(', ')];
}

/** Describes a webhook's settings in one line. */
function webhook(
  { url, type, events, signingSecrets, headers, filter, hours, digest, pings, ...rest }: Webhook,
  nowMs: number,
): string {
  const { keywords, groups, positions, include, exclude, excludeAuthors } = filter;
  const list = (what: string, words: readonly string[] | undefined): string[] =>
    words === undefined ? [] : [`${what} ${words.map((word) => `"${word}"`).join(', ')}`];
  const names = Object.keys(headers);
  return [
    `${url.host} (${type})`,
    events === 'all' ? 'mentions and alerts' : events,
    ...(signingSecrets.length === 0 ? [] : [`signed (${signingSecrets.length})`]),
    ...(names.length === 0 ? [] : [`headers ${names.join(', ')}`]),
    ...list('keywords', keywords),
    ...list('groups', groups),
    ...list('positions', positions),
    ...list(
      'include',
      include?.map(({ text }) => text),
    ),
    ...list(
      'exclude',
      exclude?.map(({ text }) => text),
    ),
    ...(excludeAuthors === undefined
      ? []
      : [
          excludeAuthors.length === 1
            ? '1 author excluded'
            : `${excludeAuthors.length} authors excluded`,
        ]),
    ...(hours === null ? [] : [`hours ${hoursNow(hours, nowMs)}`]),
    ...(digest === null ? [] : [`digest ${digestNow({ digest, hours }, nowMs)}`]),
    ...(pings.length === 0 ? [] : [`pings ${pingsText(pings)}`]),
    ...(rest.template === null ? [] : [`template with ${rest.template.fields.join(', ')}`]),
    `${rest.concurrency} at a time`,
    ...(rest.ratePerSecond === null ? [] : [`${rest.ratePerSecond} per second`]),
    ...(rest.batchSize === 1 ? [] : [`up to ${rest.batchSize} per POST`]),
  ].join('; ');
}
