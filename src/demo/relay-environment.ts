import { styleText } from 'node:util';
import type { ChatName } from './chats.ts';

/** The Redis of the demo's relay: an embedded one in a folder, or the user's own. */
export type DemoRedis =
  | { readonly kind: 'embedded'; readonly dataDir: string }
  | { readonly kind: 'external'; readonly url: string; readonly prefix: string };

/** The interval between polls of the demo's relay: 20 requests per minute, well inside the budget. */
export const POLL_INTERVAL_SECONDS = 3;

/** The most API requests per minute of the demo's relay: the relay's default. */
export const REQUEST_BUDGET = 50;

/** The webhook with digests. */
export const DIGEST_WEBHOOK = 'REVIEW';

const DEFAULT_PREFIX = 'mention-relay';
const DEMO_SUFFIX = '-demo';

// A program needs these to run and to use its terminal. None of them configures a relay.
const PASSED_ON = /^(PATH|HOME|TMPDIR|TZ|LANG|LC_[A-Z]+|TERM|COLORTERM|NO_COLOR)$/;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the Redis of `REDIS_URL` and `REDIS_PREFIX` if they are set, otherwise an embedded one. The
 * prefix always ends in `-demo`: under the prefix of a real relay, the demo would poll in its place.
 */
export function demoRedis(env: Environment, dataDir: string): DemoRedis {
  const url = env['REDIS_URL']?.trim() ?? '';
  if (url === '') return { kind: 'embedded', dataDir };
  const prefix = env['REDIS_PREFIX']?.trim() || DEFAULT_PREFIX;
  return {
    kind: 'external',
    url,
    prefix: prefix.endsWith(DEMO_SUFFIX) ? prefix : `${prefix}${DEMO_SUFFIX}`,
  };
}

/**
 * Returns the whole environment of the demo's relay: its configuration, and from this process only
 * the variables that any program needs. A `WEBHOOK_...` or a key of the user's shell stays out.
 */
export function relayEnvironment(
  env: Environment,
  settings: {
    readonly apiUrl: URL;
    readonly apiKey: string;
    readonly chatUrls: Readonly<Record<ChatName, URL>>;
    readonly digestUrl: URL;
    readonly httpUrl: URL;
    /** The working hours of the Teams channel, or null for always. */
    readonly teamsHours: string | null;
    readonly signingSecret: string;
    readonly redis: DemoRedis;
    readonly colors: boolean;
  },
): Record<string, string> {
  const { redis } = settings;
  const passedOn = Object.entries(env).filter(
    (entry): entry is [string, string] => PASSED_ON.test(entry[0]) && entry[1] !== undefined,
  );
  return {
    ...Object.fromEntries(passedOn),
    ...(settings.colors && { FORCE_COLOR: '1' }),
    ...(redis.kind === 'embedded'
      ? { DATA_DIR: redis.dataDir }
      : { REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix }),
    GROOUPLY_API_URL: settings.apiUrl.href,
    GROOUPLY_API_KEY: settings.apiKey,
    POLL_INTERVAL_SECONDS: String(POLL_INTERVAL_SECONDS),
    RATE_BUDGET_PER_MINUTE: String(REQUEST_BUDGET),
    SHUTDOWN_TIMEOUT_SECONDS: '5',
    LOG_FORMAT: 'pretty',
    DEDUPE_BY: 'lead',
    WEBHOOK_SALES_URL: settings.chatUrls.slack.href,
    WEBHOOK_SALES_TYPE: 'slack',
    // Two who take turns. The page knows the names of these ids.
    WEBHOOK_SALES_PING: 'U0DEMOANA,U0DEMOBEN',
    WEBHOOK_COMMUNITY_URL: settings.chatUrls.discord.href,
    WEBHOOK_COMMUNITY_TYPE: 'discord',
    WEBHOOK_COMMUNITY_PING: '<@100000000000000001>',
    WEBHOOK_OFFICE_URL: settings.chatUrls.teams.href,
    WEBHOOK_OFFICE_TYPE: 'teams',
    WEBHOOK_OFFICE_PING: 'ana@example.com',
    ...(settings.teamsHours !== null && { WEBHOOK_OFFICE_HOURS: settings.teamsHours }),
    [`WEBHOOK_${DIGEST_WEBHOOK}_URL`]: settings.digestUrl.href,
    [`WEBHOOK_${DIGEST_WEBHOOK}_TYPE`]: 'slack',
    [`WEBHOOK_${DIGEST_WEBHOOK}_DIGEST`]: 'weekly Mon 08:00',
    WEBHOOK_CRM_URL: settings.httpUrl.href,
    WEBHOOK_CRM_TYPE: 'http',
    // Keeps the same order in all columns of the page.
    WEBHOOK_CRM_CONCURRENCY: '1',
    WEBHOOK_CRM_SECRET: settings.signingSecret,
  };
}

/** Returns working hours that begin six hours from now: the webhook is closed until then. */
export function closedHours(nowMs: number): string {
  const from = (new Date(nowMs).getUTCHours() + 6) % 24;
  const hour = (of: number) => `${String(of).padStart(2, '0')}:00`;
  return `${hour(from)}-${hour(from + 1)} UTC`;
}

/** Returns the text that the demo prints at the start, in colour where stdout shows it. */
export function banner(demo: {
  readonly inboxUrl: URL;
  readonly apiUrl: URL;
  readonly mentionsPerMinute: number;
  readonly redis: DemoRedis;
  /** The port that was asked for, if it was taken. */
  readonly takenPort: number | null;
}): string {
  const { inboxUrl, apiUrl, mentionsPerMinute, redis, takenPort } = demo;
  const bold = (text: string) => styleText('bold', text);
  const dim = (text: string) => styleText('dim', text);
  const where =
    redis.kind === 'embedded'
      ? 'an embedded Redis in a temporary folder'
      : `your Redis (REDIS_URL), every key under ${redis.prefix}`;
  const rows: readonly (readonly [string, string])[] = [
    [
      'Sandbox',
      `Groouply's API at ${apiUrl.href}, ${mentionsPerMinute} made-up mentions per minute`,
    ],
    ['Relay', `the real daemon, polling every ${POLL_INTERVAL_SECONDS} s; ${where}`],
    [
      'Webhooks',
      'SALES and REVIEW (Slack), COMMUNITY (Discord), OFFICE (Teams), CRM (signed JSON), all in the inbox',
    ],
  ];
  const lines = [
    '',
    `  ${bold('mention-relay demo')}`,
    '',
    ...rows.map(([name, what]) => `  ${name.padEnd(10)}${dim(what)}`),
    '',
    ...(takenPort === null
      ? []
      : [`  Port ${takenPort} is taken: the inbox uses the next free one.`]),
    `  Open ${bold(styleText('cyan', inboxUrl.href))} and watch them arrive.`,
    '',
    '  Ctrl-C stops everything and leaves nothing behind.',
    '  For real use: fill in a copy of config/example.env; docs/getting-started.md and docs/deployment.md say how to go on.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
