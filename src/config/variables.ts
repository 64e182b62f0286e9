import { apiUrl, listenHost, noProxy, proxyUrl, redisUrl, webhookUrl } from './addresses.ts';
import { apiKey } from './credentials.ts';
import { DEDUPE_BY } from '../domain/mention.ts';
import { timeZone } from './lists/hours-rule.ts';
import {
  backlog,
  daysAsMs,
  folder,
  oneOf,
  redisPrefix,
  retrySchedule,
  secondsAsMs,
  whole,
  type Rule,
} from './rules.ts';

/** A variable, or an attribute: the part of a variable's name after `WEBHOOK_<NAME>_`. */
export interface Variable<T> {
  readonly rule: Rule<T>;
  /** Explains the variable in one line of Markdown: `npm run docs` writes it into the documentation. */
  readonly meaning: string;
  /** Its value is never shown, and it has a `_FILE` form. */
  readonly secret?: boolean;
  /** Its value is the path of a file, whose text the rule reads. */
  readonly file?: boolean;
  /** Its entries may be in double quotation marks. */
  readonly list?: boolean;
  /** Leaving it unset is a mistake. */
  readonly required?: boolean;
  /** The value when it is unset, written as in the environment. */
  readonly default?: string;
  /** Its name in lower case is read too, and wins, as curl and Node have it for proxies. */
  readonly eitherCase?: boolean;
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

/** Variables by their names, or attributes by theirs. */
export type Rows = Readonly<Record<string, Variable<unknown>>>;

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
      'Your Redis, its Sentinels, or a Redis Cluster. Unset, the relay starts a private `redis-server` in `DATA_DIR`. For a password of the Sentinels add `?sentinelPassword=`.',
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
    meaning: 'The beginning of every key in Redis. Each account on a shared Redis needs its own.',
    default: 'mention-relay',
  },
} as const satisfies Rows;

const POLLING = {
  POLL_INTERVAL_SECONDS: {
    rule: secondsAsMs({ from: 0.1, to: 3600 }),
    meaning: 'The interval between polls, over all replicas. A busy account is polled sooner.',
    default: '10',
  },
  RATE_BUDGET_PER_MINUTE: {
    rule: whole({ from: 1, to: 60 }, 'requests'),
    meaning:
      "The most API requests in any 60 seconds, over all replicas and commands. The account's other users get the rest of the API's 60.",
    default: '50',
  },
  BACKLOG: {
    rule: backlog,
    meaning:
      'The first window ever: `all` sends it, `none` marks it as seen, an age sends the mentions spotted since then.',
    default: 'all',
  },
  DEDUPE_BY: {
    rule: oneOf(DEDUPE_BY),
    meaning:
      '`mention` sends every mention; `post` one message per post; `lead` one per author and text within 7 days, over groups, posts and keywords. Messages list what was merged. The first poll after a change still goes by the old value.',
    default: 'mention',
  },
  SEEN_GENERATION_SIZE: {
    rule: whole({ from: 200, to: 1_000_000 }, 'mentions'),
    meaning: 'The number of mentions to remember, at least, and of deliveries per webhook.',
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
  TZ: {
    rule: timeZone,
    meaning: 'The time zone of `WEBHOOK_<NAME>_HOURS` and `_DIGEST` that name none.',
    unset: "the machine's",
    example: 'Europe/Berlin',
  },
  SHUTDOWN_TIMEOUT_SECONDS: {
    rule: secondsAsMs({ from: 0.1, to: 3600 }),
    meaning:
      'The time for attempts under way after SIGTERM. The supervisor should allow 5 seconds more.',
    default: '25',
  },
} as const satisfies Rows;

const HISTORY = {
  HISTORY_DAYS: {
    rule: daysAsMs({ from: 0, to: 3650 }),
    meaning:
      'The time for which mentions, and what became of them, are kept. 0 also deletes what was kept.',
    default: '0',
    example: '90',
  },
  HISTORY_MAX_MB: {
    rule: whole({ from: 1, to: 100_000 }, 'MB'),
    meaning: 'The most memory of Redis that they may take. The oldest go first.',
    default: '64',
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
      'The port of `/healthz`, `/readyz` and `/metrics`. 0 takes a free one and logs it. Unset, they are not served.',
    unset: 'unset',
    example: '9464',
  },
  HEALTH_HOST: {
    rule: listenHost,
    meaning:
      'The address of that port. `0.0.0.0` or `::` lets other machines reach it, without a password.',
    default: '127.0.0.1',
  },
  HEARTBEAT_URL: {
    rule: webhookUrl,
    meaning:
      "The URL of a dead-man's switch, requested while polls succeed, at most once per minute over all replicas.",
    secret: true,
    unset: 'none',
    example: 'https://heartbeat.example.com/your-check',
    placeholders: ['//heartbeat.example.com/your-check'],
  },
} as const satisfies Rows;

const NETWORK = {
  HTTP_PROXY: {
    rule: proxyUrl,
    meaning: 'The proxy for `http://` URLs.',
    secret: true,
    eitherCase: true,
    unset: 'none',
    example: 'http://proxy.example.com:3128',
    placeholders: ['//proxy.example.com'],
  },
  HTTPS_PROXY: {
    rule: proxyUrl,
    meaning: 'The proxy for `https://` URLs.',
    secret: true,
    eitherCase: true,
    unset: 'none',
    example: 'http://proxy.example.com:3128',
    placeholders: ['//proxy.example.com'],
  },
  NO_PROXY: {
    rule: noProxy,
    meaning:
      'Hosts without proxy: names with their subdomains, addresses, networks such as `10.0.0.0/8`, or `*`. `:port` limits an entry to a port.',
    eitherCase: true,
    unset: 'none',
    example: 'localhost,127.0.0.1,.internal',
  },
} as const satisfies Rows;

/** The variables of the relay as a whole, by the section of the documentation that has them. */
export const SECTIONS = {
  Groouply: GROOUPLY,
  Redis: REDIS,
  Polling: POLLING,
  Delivery: DELIVERY,
  History: HISTORY,
  Logs: LOGS,
  Monitoring: MONITORING,
  Network: NETWORK,
} as const satisfies Readonly<Record<string, Rows>>;

/** The same as one list, in the order in which their mistakes are reported. */
export const VARIABLES = {
  ...GROOUPLY,
  ...REDIS,
  ...POLLING,
  ...DELIVERY,
  ...HISTORY,
  ...LOGS,
  ...MONITORING,
  ...NETWORK,
};

/** Ends the name of a variable that holds the path of a file with the value in it. */
export const FILE_SUFFIX = '_FILE';

/**
 * Returns the names of all rows, each with `prefix` in front (`WEBHOOK_SALES_` for attributes), of the
 * `_FILE` forms of those that are secrets, and of those that may be in lower case.
 */
export function namesOf(rows: Rows, prefix = ''): string[] {
  return Object.entries(rows).flatMap(([name, { secret, eitherCase }]) =>
    [`${prefix}${name}`].concat(
      secret === true ? `${prefix}${name}${FILE_SUFFIX}` : [],
      eitherCase === true ? name.toLowerCase() : [],
    ),
  );
}
