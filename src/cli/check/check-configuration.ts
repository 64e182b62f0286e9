import type { Config } from '../../config/env.ts';
import { webhookVariable } from '../../config/webhook-variables.ts';
import {
  wantsAlerts,
  wantsMentions,
  type MentionFilter,
  type Webhook,
} from '../../domain/webhook.ts';
import { findingsAbout, type Finding } from './finding.ts';
import { backgroundBelow } from '../../groouply/request-budget.io.ts';
import { baseIntervalMs } from '../../polling/next-poll.ts';

const { ok, warning } = findingsAbout('Configuration');
const FILTERS = {
  keywords: 'KEYWORDS',
  groups: 'GROUPS',
  positions: 'POSITIONS',
  include: 'INCLUDE',
  exclude: 'EXCLUDE',
  excludeAuthors: 'EXCLUDE_AUTHORS',
} as const satisfies Record<keyof MentionFilter, string>;

/** Finds settings that are valid but look wrong. */
export function checkConfiguration({ webhooks, warnings }: Config): Finding[] {
  const names = webhooks.map(({ name, type }) => `${name} (${type})`).join(', ');
  return [
    ok(
      'read',
      `the configuration is valid: ${webhooks.length === 1 ? 'one webhook' : `${webhooks.length} webhooks`}, ${names}`,
    ),
    ...warnings.map(({ code, variables, text, todo }) =>
      warning(code, `${text}: ${variables.join(', ')}`, todo),
    ),
    ...noMentions(webhooks),
    ...sameUrl(webhooks),
    ...webhooks.flatMap(uselessFilters),
    ...webhooks.flatMap(uselessHours),
    ...webhooks.flatMap(uselessPings),
  ];
}

/** Warns if no webhook receives mentions. Alerts alone may be intended, but are more often a mistake. */
function noMentions(webhooks: readonly Webhook[]): Finding[] {
  if (webhooks.some(wantsMentions)) return [];
  return [
    warning(
      'no_mentions',
      'all webhooks receive alerts only: new mentions are marked as seen and never sent',
      `set ${webhookVariable('<NAME>', 'EVENTS')} to mentions or all for one of them`,
    ),
  ];
}

function sameUrl(webhooks: readonly Webhook[]): Finding[] {
  return [
    ...shared(webhooks.filter(wantsMentions)).map((names) =>
      warning(
        'same_url',
        `${names} have the same URL: a mention that matches both arrives twice`,
        'remove one of them, or give them filters that do not overlap',
      ),
    ),
    ...shared(webhooks.filter(wantsAlerts)).map((names) =>
      warning(
        'same_url',
        `${names} have the same URL: each alert arrives twice`,
        `set ${webhookVariable('<NAME>', 'EVENTS')} to mentions for one of them`,
      ),
    ),
  ];
}

/** Returns the names of the webhooks that share a URL, joined per URL. */
function shared(webhooks: readonly Webhook[]): readonly string[] {
  return [...Map.groupBy(webhooks, ({ url }) => url.href).values()]
    .filter(({ length }) => length > 1)
    .map((sharing) => sharing.map(({ name }) => name).join(' and '));
}

function uselessFilters(webhook: Webhook): Finding[] {
  if (wantsMentions(webhook)) return [];
  return Object.entries(FILTERS).flatMap(([part, attribute]) =>
    part in webhook.filter
      ? warning(
          'useless_filter',
          `${webhookVariable(webhook.name, attribute)} has no effect: filters apply to mentions, and ${webhook.name} receives alerts only`,
          `remove it, or set ${webhookVariable(webhook.name, 'EVENTS')} to all`,
        )
      : [],
  );
}

function uselessHours(webhook: Webhook): Finding[] {
  if (wantsMentions(webhook)) return [];
  const unused = [
    ...(webhook.hours === null ? [] : ['HOURS']),
    ...(webhook.digest === null ? [] : ['DIGEST']),
  ];
  return unused.map((attribute) =>
    warning(
      'useless_hours',
      `${webhookVariable(webhook.name, attribute)} has no effect: alerts are sent at any time, and ${webhook.name} receives alerts only`,
      `remove it, or set ${webhookVariable(webhook.name, 'EVENTS')} to all`,
    ),
  );
}

function uselessPings({ name, pings, events, digest }: Webhook): Finding[] {
  if (pings.length === 0) return [];
  const variable = (attribute: string): string => webhookVariable(name, attribute);
  if (!wantsMentions({ events })) {
    return [
      warning(
        'useless_pings',
        `${variable('PING')} has no effect: only mentions ping, and ${name} receives alerts only`,
        `remove it, or set ${variable('EVENTS')} to all`,
      ),
    ];
  }
  if (digest === null) return [];
  return [
    warning(
      'useless_pings',
      `${variable('PING')} has no effect: digests ping nobody`,
      `remove it, or ${variable('DIGEST')}`,
    ),
  ];
}

/** Checks the polling interval against the request budget, and that sweeps have room. */
export function checkSchedule({ poll, budget }: Pick<Config, 'poll' | 'budget'>): Finding[] {
  const baseMs = baseIntervalMs({ ...poll, ...budget });
  const { requestsPerWindow, windowMs } = budget;
  const below = backgroundBelow({ ...budget, baseIntervalMs: baseMs });
  // The slots that polls use at any moment of a calm minute.
  const alwaysTaken = Math.floor(Math.min(requestsPerWindow, windowMs / baseMs));
  const seconds = (ms: number): string => String(Math.round(ms / 100) / 10);
  return [
    ...(baseMs > poll.intervalMs
      ? [
          ok(
            'interval_stretched',
            `polls run every ${seconds(baseMs)} s in calm times, not every ${seconds(poll.intervalMs)} s: RATE_BUDGET_PER_MINUTE (${requestsPerWindow}) allows no more`,
          ),
        ]
      : []),
    ...(below <= alwaysTaken
      ? [
          warning(
            'no_room_for_sweeps',
            `RATE_BUDGET_PER_MINUTE (${requestsPerWindow}) leaves no requests for sweeps: missed mentions are not recovered, and group changes are not reported`,
            'raise RATE_BUDGET_PER_MINUTE or POLL_INTERVAL_SECONDS',
          ),
        ]
      : []),
  ];
}
