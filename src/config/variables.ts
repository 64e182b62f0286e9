import { WEBHOOK_EVENTS, WEBHOOK_TYPE_NAMES } from '../domain/webhook.ts';
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

/** A variable, or what follows `WEBHOOK_<NAME>_` in one. */
export interface Variable<T> {
  readonly rule: Rule<T>;
  /** Its value is never shown, and it has a `_FILE` form. */
  readonly secret?: boolean;
  /** The value when it is unset, written as in the environment. */
  readonly default?: string;
  /**
   * What marks a value as one that was copied from an example and not filled in: config/example.env
   * and the pages show this variable with one of these in it, and no real value holds one.
   */
  readonly placeholders?: readonly string[];
}

/** A variable that always has a value. */
export interface DefaultedVariable<T> extends Variable<T> {
  readonly default: string;
}

/** The variables of the relay as a whole, in the order in which their mistakes are told. */
export const VARIABLES = {
  GROOUPLY_API_KEY: { rule: apiKey, secret: true, placeholders: ['your-api-key'] },
  GROOUPLY_API_URL: { rule: apiUrl, default: 'https://groups.leadhall.com/api' },
  REDIS_URL: { rule: redisUrl, secret: true },
  DATA_DIR: { rule: folder, default: './data' },
  REDIS_PREFIX: { rule: redisPrefix, default: 'mention-relay' },
  POLL_INTERVAL_SECONDS: { rule: secondsAsMs({ from: 0.1, to: 3600 }), default: '10' },
  RATE_BUDGET_PER_MINUTE: { rule: whole({ from: 1, to: 60, unit: ' requests' }), default: '50' },
  BACKLOG: { rule: backlog, default: 'all' },
  DEDUPE_BY: { rule: oneOf(['mention', 'post']), default: 'mention' },
  SEEN_GENERATION_SIZE: {
    rule: whole({ from: 200, to: 1_000_000, unit: ' mentions' }),
    default: '10000',
  },
  RETRY_SCHEDULE_SECONDS: {
    rule: retrySchedule,
    default: '5,30,120,600,1800,7200,21600,43200',
  },
  DELIVERY_TIMEOUT_SECONDS: { rule: secondsAsMs({ from: 0.1, to: 120 }), default: '15' },
  FAILED_RETENTION_DAYS: { rule: daysAsMs({ from: 0.1, to: 3650 }), default: '14' },
  SHUTDOWN_TIMEOUT_SECONDS: {
    rule: secondsAsMs({ from: 0.1, to: 3600 }),
    default: '25',
  },
  LOG_LEVEL: {
    rule: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
  },
  LOG_FORMAT: { rule: oneOf(['json', 'pretty']) },
  HEALTH_PORT: { rule: whole({ from: 0, to: 65_535 }) },
  HEALTH_HOST: { rule: listenHost, default: '127.0.0.1' },
  HEARTBEAT_URL: {
    rule: webhookUrl,
    secret: true,
    placeholders: ['//heartbeat.example.com/your-check'],
  },
} as const satisfies Record<string, Variable<unknown>>;

/** What can follow `WEBHOOK_<NAME>_`, in the order in which its mistakes are told. */
export const WEBHOOK_ATTRIBUTES = {
  URL: {
    rule: webhookUrl,
    secret: true,
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
  TYPE: { rule: oneOf(WEBHOOK_TYPE_NAMES) },
  PLAIN: { rule: yesOrNo, default: 'false' },
  SECRET: {
    rule: signingSecrets,
    secret: true,
    placeholders: ['cmVwbGFjZS10aGlzLXNlY3JldC13aXRoLXlvdXJz'],
  },
  HEADERS: {
    rule: requestHeaders,
    secret: true,
    placeholders: ['your-token', 'your-long-random-text'],
  },
  EVENTS: { rule: oneOf(WEBHOOK_EVENTS), default: 'mentions' },
  KEYWORDS: { rule: commaSeparated },
  GROUPS: { rule: commaSeparated },
  POSITIONS: { rule: commaSeparated },
  EXCLUDE: { rule: exclusions },
  EXCLUDE_AUTHORS: { rule: exclusions },
  CONCURRENCY: { rule: whole({ from: 1, to: 100, unit: ' attempts at the same time' }) },
  RATE_PER_SECOND: { rule: decimal({ from: 0.01, to: 1000, unit: ' requests a second' }) },
  BATCH_SIZE: { rule: whole({ from: 1, to: 100, unit: ' mentions in a request' }) },
} as const satisfies Record<string, Variable<unknown>>;

/** Ends the name of a variable that holds the path of a file with the value in it. */
export const FILE_SUFFIX = '_FILE';

/**
 * The names of all rows, each with `prefix` in front (`WEBHOOK_SALES_` for attributes), and of the
 * `_FILE` forms of those that are secrets.
 */
export function namesOf(rows: Readonly<Record<string, Variable<unknown>>>, prefix = ''): string[] {
  return Object.entries(rows).flatMap(([name, { secret }]) =>
    secret === true ? [`${prefix}${name}`, `${prefix}${name}${FILE_SUFFIX}`] : [`${prefix}${name}`],
  );
}
