import type { Backlog } from '../domain/backlog.ts';
import type { DedupeBy } from '../domain/mention.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { ConfigMistake } from './mistakes.ts';
import { WEBHOOK_PREFIX, webhookVariable } from './names.ts';
import { createReader, settingsOf, type Reader } from './reader.ts';
import { findUnknownNames } from './unknown-names.ts';
import { VARIABLES, WEBHOOK_ATTRIBUTES } from './variables.ts';
import { readWebhook, webhookNames } from './webhook-variables.ts';

/**
 * What the relay is told by its environment. Deeply frozen, except that the setters of a URL work
 * on a frozen URL too: nobody may use them.
 */
export interface Config {
  /** `apiKey` is a secret; `apiUrl` has no slash at its end, unless it has no path at all. */
  readonly groouply: { readonly apiKey: string; readonly apiUrl: URL };
  readonly redis:
    | {
        readonly kind: 'external';
        /** Secret: it may hold a password. */
        readonly url: string;
      }
    | {
        readonly kind: 'embedded';
        /** An absolute path. */
        readonly dataDir: string;
      };
  /** Begins every key, as a Redis Cluster hash tag; here without its braces. */
  readonly redisPrefix: string;
  readonly poll: {
    readonly intervalMs: number;
    readonly backlog: Backlog;
    readonly dedupeBy: DedupeBy;
  };
  /** Never more requests to the API than this in any rolling window. */
  readonly budget: { readonly requestsPerWindow: number; readonly windowMs: number };
  /** How many mentions beyond the window the seen set remembers at least. */
  readonly seenGenerationSize: number;
  readonly delivery: {
    /** The delays before the first retry, the second, and so on. */
    readonly retryDelaysMs: readonly number[];
    readonly timeoutMs: number;
    readonly failedRetentionMs: number;
  };
  readonly shutdownTimeoutMs: number;
  readonly log: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
    readonly format: 'json' | 'pretty';
  };
  /** Where health and metrics are served; null where they are not. Port 0 takes a free one. */
  readonly health: { readonly host: string; readonly port: number } | null;
  /** Secret. Asked by GET while polls succeed; null where nothing is. */
  readonly heartbeatUrl: URL | null;
  /** In alphabetical order of their names; one at least. */
  readonly webhooks: readonly Webhook[];
}

/** The configuration, or everything that is wrong with it. */
export type ConfigReading =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly mistakes: readonly ConfigMistake[] };

/** What reading the configuration needs besides the environment. */
export interface ReadOptions {
  /** Gives a file's text, or throws as `fs.readFileSync` does. For the `_FILE` forms. */
  readonly readFile: (path: string) => string;
  /** Whether people are watching: then the log is pretty by default. */
  readonly stdoutIsTty: boolean;
}

const BUDGET_WINDOW_MS = 60_000;

/**
 * Reads the configuration from the environment, with an `.env` file merged in already. Either the
 * whole of it is right, or all mistakes are told at once: those of the relay's own variables,
 * those of each webhook, then unknown names. No mistake holds a value of a secret. Relative paths
 * start from the working directory.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  { readFile, stdoutIsTty }: ReadOptions,
): ConfigReading {
  const reader = createReader(settingsOf(env), readFile);
  const { optional, defaulted, required, mistakes } = reader;

  const apiKey = required('GROOUPLY_API_KEY', VARIABLES.GROOUPLY_API_KEY);
  const apiUrl = defaulted('GROOUPLY_API_URL', VARIABLES.GROOUPLY_API_URL);
  const redisUrl = optional('REDIS_URL', VARIABLES.REDIS_URL);
  const dataDir = defaulted('DATA_DIR', VARIABLES.DATA_DIR);
  const settings = {
    redisPrefix: defaulted('REDIS_PREFIX', VARIABLES.REDIS_PREFIX),
    poll: {
      intervalMs: defaulted('POLL_INTERVAL_SECONDS', VARIABLES.POLL_INTERVAL_SECONDS),
      backlog: defaulted('BACKLOG', VARIABLES.BACKLOG),
      dedupeBy: defaulted('DEDUPE_BY', VARIABLES.DEDUPE_BY),
    },
    budget: {
      requestsPerWindow: defaulted('RATE_BUDGET_PER_MINUTE', VARIABLES.RATE_BUDGET_PER_MINUTE),
      windowMs: BUDGET_WINDOW_MS,
    },
    seenGenerationSize: defaulted('SEEN_GENERATION_SIZE', VARIABLES.SEEN_GENERATION_SIZE),
    delivery: {
      retryDelaysMs: defaulted('RETRY_SCHEDULE_SECONDS', VARIABLES.RETRY_SCHEDULE_SECONDS),
      timeoutMs: defaulted('DELIVERY_TIMEOUT_SECONDS', VARIABLES.DELIVERY_TIMEOUT_SECONDS),
      failedRetentionMs: defaulted('FAILED_RETENTION_DAYS', VARIABLES.FAILED_RETENTION_DAYS),
    },
    shutdownTimeoutMs: defaulted('SHUTDOWN_TIMEOUT_SECONDS', VARIABLES.SHUTDOWN_TIMEOUT_SECONDS),
    log: {
      level: defaulted('LOG_LEVEL', VARIABLES.LOG_LEVEL),
      format: optional('LOG_FORMAT', VARIABLES.LOG_FORMAT) ?? (stdoutIsTty ? 'pretty' : 'json'),
    },
  };
  const healthPort = optional('HEALTH_PORT', VARIABLES.HEALTH_PORT);
  const healthHost = defaulted('HEALTH_HOST', VARIABLES.HEALTH_HOST);
  const heartbeatUrl = optional('HEARTBEAT_URL', VARIABLES.HEARTBEAT_URL) ?? null;
  const webhooks = readWebhooks(reader);
  if (apiKey === undefined || mistakes.length > 0) return { ok: false, mistakes };
  return {
    ok: true,
    config: deepFreeze({
      groouply: { apiKey, apiUrl },
      redis:
        redisUrl === undefined
          ? { kind: 'embedded', dataDir }
          : { kind: 'external', url: redisUrl },
      ...settings,
      health: healthPort === undefined ? null : { host: healthHost, port: healthPort },
      heartbeatUrl,
      webhooks,
    }),
  };
}

function readWebhooks(reader: Reader): readonly Webhook[] {
  const names = webhookNames(reader.settings);
  const webhooks = names.map((name) => readWebhook(reader, name));
  const unknown = findUnknownNames(reader.settings, names);
  // A misspelled webhook is told as such; that there is none would be noise.
  if (names.length === 0 && !unknown.some(({ variable }) => variable.startsWith(WEBHOOK_PREFIX))) {
    reader.note({
      variable: webhookVariable('<NAME>', 'URL'),
      problem: 'is not set: there is no webhook to send mentions to',
      allowed: `${WEBHOOK_ATTRIBUTES.URL.rule.allowed}, for one webhook at least, such as ${webhookVariable('SALES', 'URL')}`,
    });
  }
  for (const mistake of unknown) reader.note(mistake);
  return webhooks.filter((webhook) => webhook !== null);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
