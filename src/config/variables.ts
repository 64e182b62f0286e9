import { WEBHOOK_EVENTS, WEBHOOK_TYPE_NAMES, WEBHOOK_TYPES } from '../domain/webhook.ts';
import { apiUrl, listenHost, redisUrl, webhookUrl } from './addresses.ts';
import { apiKey, requestHeaders, signingSecrets } from './credentials.ts';
import {
  exclusions,
  backlog,
  commaSeparated,
  decimal,
  daysAsMs,
  folder,
  oneOf,
  redisPrefix,
  retrySchedule,
  secondsAsMs,
  whole,
  yesOrNo,
  type Rule,
} from './values.ts';

/** A variable, or an attribute: the part of a variable's name after `WEBHOOK_<NAME>_`. */
export interface Variable<T> {
  readonly rule: Rule<T>;
  /** Explains the variable in one line of Markdown: `npm run docs` writes it into the documentation. */
  readonly meaning: string;
  /** Its value is never shown, and it has a `_FILE` form. */
  readonly secret?: boolean;
  /** Leaving it unset is a mistake. */
  readonly required?: boolean;
  /** The value when it is unset, written as in the environment. */
  readonly default?: string;
  /** For people, where there is no default: what applies when it is unset. */
  readonly unset?: string;
  /** The value that config/example.env shows, where it is not the default. */
  readonly example?: string;
  /**
   * Mark a value as copied from an example and not filled in: config/example.env and the pages show
   * this variable with one of these in it, and no real value holds one.
   */
  readonly placeholders?: readonly string[];
}

/** A variable that always has a value. */
export interface DefaultedVariable<T> extends Variable<T> {
  readonly default: string;
}

type Rows = Readonly<Record<string, Variable<unknown>>>;

const GROOUPLY = {
  GROOUPLY_API_KEY: {
    rule: apiKey,
    meaning: 'The API key of your Groouply account.',
    secret: true,
    required: true,
    example: 'your-api-key',
    placeholders: ['your-api-key'],
  },
  GROOUPLY_API_URL: {
    rule: apiUrl,
    meaning: 'The base URL of the API.',
    default: 'https://groups.leadhall.com/api',
  },
} as const satisfies Rows;

const REDIS = {
  REDIS_URL: {
    rule: redisUrl,
    meaning:
      'Your Redis, its Sentinels, or a Redis Cluster. Unset, the relay starts a private `redis-server` with its data in `DATA_DIR`. Sentinels with a password of their own: `?sentinelPassword=` at the end.',
    secret: true,
    unset: 'unset',
    example: 'redis://127.0.0.1:6379/0',
  },
  DATA_DIR: {
    rule: folder,
    meaning: 'The folder of the private `redis-server`. One relay at a time may use it.',
    default: './data',
  },
  REDIS_PREFIX: {
    rule: redisPrefix,
    meaning:
      'The beginning of every key in Redis. Relays of different accounts on one Redis need different prefixes.',
    default: 'mention-relay',
  },
} as const satisfies Rows;

const POLLING = {
  POLL_INTERVAL_SECONDS: {
    rule: secondsAsMs({ from: 0.1, to: 3600 }),
    meaning:
      'The interval between polls, over all replicas. A busy account is polled sooner, inside the budget.',
    default: '10',
  },
  RATE_BUDGET_PER_MINUTE: {
    rule: whole({ from: 1, to: 60, unit: ' requests' }),
    meaning:
      "The most API requests in any 60 seconds, over all replicas and commands. The API allows 60; the rest is left to the account's other users.",
    default: '50',
  },
  BACKLOG: {
    rule: backlog,
    meaning:
      'The first window ever: `all` sends it, `none` marks it as seen, an age sends the mentions spotted since then.',
    default: 'all',
  },
  DEDUPE_BY: {
    rule: oneOf(['mention', 'post']),
    meaning:
      '`mention` sends every mention; `post` sends each webhook one mention per post, however often it is spotted. A change affects later mentions only.',
    default: 'mention',
  },
  SEEN_GENERATION_SIZE: {
    rule: whole({ from: 200, to: 1_000_000, unit: ' mentions' }),
    meaning:
      'The number of mentions to remember, at least. The ledger of each webhook remembers as many deliveries.',
    default: '10000',
  },
} as const satisfies Rows;

const DELIVERY = {
  RETRY_SCHEDULE_SECONDS: {
    rule: retrySchedule,
    meaning: 'The delays before the retries of a delivery, each varied by up to 20 %.',
    default: '5,30,120,600,1800,7200,21600,43200',
  },
  DELIVERY_TIMEOUT_SECONDS: {
    rule: secondsAsMs({ from: 0.1, to: 120 }),
    meaning: 'The time limit of one attempt as a whole.',
    default: '15',
  },
  FAILED_RETENTION_DAYS: {
    rule: daysAsMs({ from: 0.1, to: 3650 }),
    meaning: 'The time for which failed deliveries are kept.',
    default: '14',
  },
  SHUTDOWN_TIMEOUT_SECONDS: {
    rule: secondsAsMs({ from: 0.1, to: 3600 }),
    meaning:
      'The time for attempts under way after SIGTERM. The process may take 5 seconds more: its supervisor should allow for both.',
    default: '25',
  },
} as const satisfies Rows;

const LOGS = {
  LOG_LEVEL: {
    rule: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    meaning: 'The lowest level that is logged.',
    default: 'info',
  },
  LOG_FORMAT: {
    rule: oneOf(['json', 'pretty']),
    meaning: 'The form of the log lines: for programs or for people.',
    unset: 'pretty on a terminal, otherwise json',
    example: 'json',
  },
} as const satisfies Rows;

const MONITORING = {
  HEALTH_PORT: {
    rule: whole({ from: 0, to: 65_535 }),
    meaning:
      'The port of `/healthz`, `/readyz` and `/metrics`. 0 takes a free port and logs it. Unset, none of them is served.',
    unset: 'unset',
    example: '9464',
  },
  HEALTH_HOST: {
    rule: listenHost,
    meaning:
      'The address of that port. `0.0.0.0` or `::` lets other machines reach it: it asks for no password.',
    default: '127.0.0.1',
  },
  HEARTBEAT_URL: {
    rule: webhookUrl,
    meaning:
      "The URL of a dead-man's switch: requested by GET while polls succeed, at most once per minute over all replicas.",
    secret: true,
    unset: 'none',
    example: 'https://heartbeat.example.com/your-check',
    placeholders: ['//heartbeat.example.com/your-check'],
  },
} as const satisfies Rows;

/** The variables of the relay as a whole, by the section of the documentation that has them. */
export const SECTIONS = {
  Groouply: GROOUPLY,
  Redis: REDIS,
  Polling: POLLING,
  Delivery: DELIVERY,
  Logs: LOGS,
  Monitoring: MONITORING,
} as const satisfies Readonly<Record<string, Rows>>;

/** The same as one list, in the order in which their mistakes are reported. */
export const VARIABLES = {
  ...GROOUPLY,
  ...REDIS,
  ...POLLING,
  ...DELIVERY,
  ...LOGS,
  ...MONITORING,
};

/** The attributes of a webhook, in the order in which their mistakes are reported. */
export const WEBHOOK_ATTRIBUTES = {
  URL: {
    rule: webhookUrl,
    meaning: 'Where the mentions go. For a chat the URL is the password.',
    secret: true,
    required: true,
    example: 'https://hooks.slack.com/services/your/webhook/url',
    placeholders: [
      '/services/your/webhook/url',
      '/webhooks/your-id/your-token',
      '/workflows/your-flow',
      '/hooks/your-key',
      '/hooks/catch/your/hook',
      'make.com/your-path',
      '//crm.example.com/hooks/mentions',
    ],
  },
  TYPE: {
    rule: oneOf(WEBHOOK_TYPE_NAMES),
    meaning: `The kind of receiver. Unset, the host decides: ${hostsOfTypes()}; \`http\` for all others. A flow or a Logic App of your own that reads the JSON needs \`http\`.`,
    unset: 'from the host',
    example: 'slack',
  },
  PLAIN: {
    rule: yesOrNo,
    meaning:
      "`true` sends plain text without blocks, for Mattermost and Rocket.Chat: they take Slack's messages but show no blocks. Only for type `slack`.",
    default: 'false',
  },
  SECRET: {
    rule: signingSecrets,
    meaning:
      'Signs the requests of an http webhook. Several secrets serve while one replaces the other. Make one with `echo "whsec_$(openssl rand -base64 32)"`.',
    secret: true,
    unset: 'none',
    example: 'whsec_cmVwbGFjZS10aGlzLXNlY3JldC13aXRoLXlvdXJz',
    placeholders: ['cmVwbGFjZS10aGlzLXNlY3JldC13aXRoLXlvdXJz'],
  },
  HEADERS: {
    rule: requestHeaders,
    meaning: 'Extra request headers.',
    secret: true,
    unset: 'none',
    example: '{"authorization":"Bearer your-token"}',
    placeholders: ['your-token', 'your-long-random-text'],
  },
  EVENTS: {
    rule: oneOf(WEBHOOK_EVENTS),
    meaning:
      "What the webhook gets: `mentions`; `alerts` about gaps, tracked groups and the relay's own troubles; or `all`.",
    default: 'mentions',
  },
  KEYWORDS: {
    rule: commaSeparated,
    meaning: 'Sends only mentions of these keywords.',
    unset: 'all',
    example: 'realtor, looking for an agent',
  },
  GROUPS: {
    rule: commaSeparated,
    meaning:
      'Sends only mentions in these groups, each by its id or its name. A group with a comma in its name goes by its id.',
    unset: 'all',
    example: '1617905175110739, Real Estate Referral Network',
  },
  POSITIONS: {
    rule: commaSeparated,
    meaning: 'Sends only mentions that were spotted here: `post`, `comment` or `link`.',
    unset: 'all',
    example: 'post, comment',
  },
  EXCLUDE: {
    rule: exclusions,
    meaning:
      "Sends no mention whose content or author's name holds one of these words or phrases. Each is found as a whole word.",
    unset: 'none',
    example: 'hiring, looking for work, no agents',
  },
  EXCLUDE_AUTHORS: {
    rule: exclusions,
    meaning:
      'Sends no mention by these authors, each by id or by whole name. An author with a comma in the name goes by the id.',
    unset: 'none',
    example: '100073695043540, Dana R.',
  },
  CONCURRENCY: {
    rule: whole({ from: 1, to: 100, unit: ' attempts at the same time' }),
    meaning: 'The most requests at the same time, in each replica.',
    unset: perType('defaultConcurrency'),
    example: '1',
  },
  RATE_PER_SECOND: {
    rule: decimal({ from: 0.01, to: 1000, unit: ' requests a second' }),
    meaning: 'The most requests per second, over all replicas.',
    unset: perType('defaultRatePerSecond'),
    example: '0.8',
  },
  BATCH_SIZE: {
    rule: whole({ from: 1, to: 100, unit: ' mentions in a request' }),
    meaning: `The most mentions in one request while several wait; one that waits alone is sent at once. The type limits it: ${perType('maxBatchSize')}.`,
    unset: perType('defaultBatchSize'),
    example: '10',
  },
} as const satisfies Rows;

/** Lists a trait of all webhook types: `http 10, slack 1`. */
function perType(trait: KeyOfTraits): string {
  return WEBHOOK_TYPE_NAMES.map((type) => `${type} ${WEBHOOK_TYPES[type][trait] ?? 'none'}`).join(
    ', ',
  );
}

type KeyOfTraits =
  'defaultConcurrency' | 'defaultRatePerSecond' | 'defaultBatchSize' | 'maxBatchSize';

/** Lists the hosts by which each type is known. */
function hostsOfTypes(): string {
  return WEBHOOK_TYPE_NAMES.flatMap((type) => {
    const hosts = WEBHOOK_TYPES[type].hosts.map((host) =>
      host.startsWith('.') ? `\`*${host}\`` : `\`${host}\``,
    );
    return hosts.length === 0 ? [] : [`\`${type}\` for ${hosts.join(', ')}`];
  }).join('; ');
}

/** Ends the name of a variable that holds the path of a file with the value in it. */
export const FILE_SUFFIX = '_FILE';

/**
 * The names of all rows, each with `prefix` in front (`WEBHOOK_SALES_` for attributes), and of the
 * `_FILE` forms of those that are secrets.
 */
export function namesOf(rows: Rows, prefix = ''): string[] {
  return Object.entries(rows).flatMap(([name, { secret }]) =>
    secret === true ? [`${prefix}${name}`, `${prefix}${name}${FILE_SUFFIX}`] : [`${prefix}${name}`],
  );
}
