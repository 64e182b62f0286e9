import type { Config } from '../../config/env.ts';
import { webhookVariable } from '../../config/names.ts';
import {
  wantsAlerts,
  wantsMentions,
  type MentionFilter,
  type Webhook,
} from '../../domain/webhook.ts';
import { printable } from '../../domain/printable.ts';
import { findingsAbout, type Finding } from './finding.ts';
import { backgroundBelow } from '../../groouply/background-share.ts';
import { baseIntervalMs } from '../../polling/poll-times.ts';

const { ok, warning } = findingsAbout('Configuration');
// As the API's documentation describes them: 'in the body of the post, in a comment of the post, or
// in a link in the post'. Its example says `post`.
const POSITIONS = ['post', 'comment', 'link'];
const FILTERS = {
  keywords: 'KEYWORDS',
  groups: 'GROUPS',
  positions: 'POSITIONS',
  exclude: 'EXCLUDE',
  excludeAuthors: 'EXCLUDE_AUTHORS',
} as const satisfies Record<keyof MentionFilter, string>;

/** What looks wrong in a configuration that can be read. */
export function checkConfiguration({ webhooks }: Config): Finding[] {
  const names = webhooks.map(({ name, type }) => `${name} (${type})`).join(', ');
  return [
    ok(
      'read',
      `can be read: ${webhooks.length === 1 ? 'one webhook' : `${webhooks.length} webhooks`}, ${names}`,
    ),
    ...noMentions(webhooks),
    ...sameUrl(webhooks),
    ...webhooks.flatMap(uselessFilters),
    ...webhooks.filter(wantsMentions).flatMap(unknownPositions),
  ];
}

/** No mistake: somebody may only want to be told. But it is easily set by one. */
function noMentions(webhooks: readonly Webhook[]): Finding[] {
  if (webhooks.some(wantsMentions)) return [];
  return [
    warning(
      'no_mentions',
      'no webhook gets mentions: all of them get alerts only, and new mentions count as seen',
      `set ${webhookVariable('<NAME>', 'EVENTS')} to mentions or all for one of them`,
    ),
  ];
}

function sameUrl(webhooks: readonly Webhook[]): Finding[] {
  return [
    ...shared(webhooks.filter(wantsMentions)).map((names) =>
      warning(
        'same_url',
        `${names} have the same URL: a mention that both want arrives twice`,
        'take one of them out, or give them filters that do not overlap',
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

/** The names of those that share a URL, together. */
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
          `${webhookVariable(webhook.name, attribute)} has no effect: filters are for mentions, and ${webhook.name} gets alerts only`,
          `take it out, or set ${webhookVariable(webhook.name, 'EVENTS')} to all`,
        )
      : [],
  );
}

function unknownPositions({ name, filter }: Webhook): Finding[] {
  return (filter.positions ?? [])
    .filter((position) => !POSITIONS.includes(position))
    .map((position) =>
      warning(
        'unknown_position',
        `${webhookVariable(name, 'POSITIONS')} has "${printable(position)}", which is no position that Groouply documents`,
        `use ${POSITIONS.join(', ')}`,
      ),
    );
}

/** What the budget of requests makes of the polling interval, and whether it leaves room for sweeps. */
export function checkSchedule({ poll, budget }: Pick<Config, 'poll' | 'budget'>): Finding[] {
  const baseMs = baseIntervalMs({ ...poll, ...budget });
  const { requestsPerWindow, windowMs } = budget;
  const below = backgroundBelow({ ...budget, baseIntervalMs: baseMs });
  // So many slots the polls of a calm minute have at every moment.
  const alwaysTaken = Math.floor(Math.min(requestsPerWindow, windowMs / baseMs));
  const seconds = (ms: number): string => String(Math.round(ms / 100) / 10);
  return [
    ...(baseMs > poll.intervalMs
      ? [
          ok(
            'interval_stretched',
            `polls come every ${seconds(baseMs)} s while little happens, not every ${seconds(poll.intervalMs)} s: RATE_BUDGET_PER_MINUTE (${requestsPerWindow}) allows no more`,
          ),
        ]
      : []),
    ...(below <= alwaysTaken
      ? [
          warning(
            'no_room_for_sweeps',
            `RATE_BUDGET_PER_MINUTE (${requestsPerWindow}) leaves nothing beside polls: what they miss is not searched for, and changes of groups are not told`,
            'raise RATE_BUDGET_PER_MINUTE or POLL_INTERVAL_SECONDS',
          ),
        ]
      : []),
  ];
}
