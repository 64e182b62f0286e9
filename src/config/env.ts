import type { Backlog } from '../domain/backlog.ts';
import type { DedupeBy } from '../domain/mention.ts';
import type { ProxySettings } from '../domain/proxy.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import { NO_ENV_FILE, readEnvFile } from './env-file.ts';
import type { ConfigMistake } from './mistakes.ts';
import { readWebhook } from './read-webhook.ts';
import { allowedBy } from './rules.ts';
import { isServiceLink } from './names/service-links.ts';
import {
  readVariables,
  settingsOf,
  type Environment,
  type ReadFile,
  type ValuesOf,
} from './settings.ts';
import { findUnknownNames } from './names/unknown-names.ts';
import { VARIABLES } from './variables.ts';
import { POSITIONS, warningsAbout, type ConfigWarning } from './warnings.ts';
import {
  WEBHOOK_ATTRIBUTES,
  isKnownName,
  webhookNames,
  webhookVariable,
} from './webhook-variables.ts';

/**
 * The configuration of the relay. It is deeply frozen, except that the setters of a URL work on a
 * frozen URL too: nobody may use them.
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
  /** The seen set remembers at least so many mentions beyond the window. */
  readonly seenGenerationSize: number;
  readonly delivery: {
    /** The delays before the first retry, the second, and so on. */
    readonly retryDelaysMs: readonly number[];
    readonly timeoutMs: number;
    readonly failedRetentionMs: number;
  };
  /** The bounds of the history; null if none is kept. */
  readonly history: { readonly maxAgeMs: number; readonly maxBytes: number } | null;
  readonly shutdownTimeoutMs: number;
  readonly log: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
    readonly format: 'json' | 'pretty';
  };
  /** Where health and metrics are served; null where they are not. Port 0 takes a free one. */
  readonly health: { readonly host: string; readonly port: number } | null;
  /** Secret. Asked by GET while polls succeed; null where nothing is. */
  readonly heartbeatUrl: URL | null;
  /** Secret. For the API, webhooks and the heartbeat. */
  readonly proxy: ProxySettings;
  /** In alphabetical order of their names; one at least. */
  readonly webhooks: readonly Webhook[];
  /** For people: the configuration is valid, but a part of it is probably not meant so. */
  readonly warnings: readonly ConfigWarning[];
}

const BUDGET_WINDOW_MS = 60_000;

/**
 * Reads the configuration from the environment and, if `envFile` is the path of one, from a `.env`
 * file; neither is changed. Either the whole of it is right, or all mistakes are returned at once:
 * those of the relay's own variables, those of each webhook, then unknown names. No mistake holds a
 * value of a secret. Relative paths start from the working directory. The log is pretty by default
 * where stdout is a terminal.
 */
export function readConfig(
  env: Environment,
  {
    readFile,
    stdoutIsTty,
    envFile,
  }: {
    readonly readFile: ReadFile;
    readonly stdoutIsTty: boolean;
    readonly envFile?: string;
  },
): Result<Config, readonly ConfigMistake[]> {
  const reading = envFile === undefined ? success(NO_ENV_FILE) : readEnvFile(envFile, readFile);
  if (!reading.ok) return reading;
  const file = reading.value;
  const links = new Set([...linksIn(env), ...linksIn(file.values)]);
  const settings = settingsOf(withoutLinks(env), withoutLinks(file.values), readFile);

  const names = webhookNames([...settings.texts.keys(), ...file.mistakes.keys()]);
  const relay = readVariables(VARIABLES, settings);
  const webhooks = names.map((name) => readWebhook(settings, name, relay.values.TZ));
  const unknown = findUnknownNames(settings, names);
  // A variable that dotenv misread is reported for that alone, unless the environment sets it.
  const misread = [...file.mistakes.values()].filter(
    ({ variable }) => settings.fromFile.has(variable) || !settings.texts.has(variable),
  );
  const isMisread = ({ variable }: ConfigMistake): boolean =>
    misread.some((mistake) => mistake.variable === variable);
  // TZ has other forms too, which other programs on this machine may need.
  const needsZone = webhooks.some((each) => each.needsZone);
  const ofRelay = relay.mistakes.filter(({ variable }) => variable !== 'TZ' || needsZone);
  const mistakes = [
    ...[...ofRelay, ...webhooks.flatMap((each) => each.mistakes)].filter(
      (mistake) => !isMisread(mistake),
    ),
    ...misread,
    // A misspelled webhook is reported as such; to add that there is none would be noise.
    ...(names.length > 0 || unknown.meansWebhook ? [] : [NO_WEBHOOK]),
    ...unknown.mistakes,
  ];
  if (mistakes.length > 0) return failure(mistakes);
  // Without mistakes all values are there.
  const values = relay.values as ValuesOf<typeof VARIABLES>;
  return success(
    deepFreeze({
      groouply: { apiKey: values.GROOUPLY_API_KEY, apiUrl: values.GROOUPLY_API_URL },
      redis:
        values.REDIS_URL === undefined
          ? { kind: 'embedded', dataDir: values.DATA_DIR }
          : { kind: 'external', url: values.REDIS_URL },
      redisPrefix: values.REDIS_PREFIX,
      poll: {
        intervalMs: values.POLL_INTERVAL_SECONDS,
        backlog: values.BACKLOG,
        dedupeBy: values.DEDUPE_BY,
      },
      budget: { requestsPerWindow: values.RATE_BUDGET_PER_MINUTE, windowMs: BUDGET_WINDOW_MS },
      seenGenerationSize: values.SEEN_GENERATION_SIZE,
      delivery: {
        retryDelaysMs: values.RETRY_SCHEDULE_SECONDS,
        timeoutMs: values.DELIVERY_TIMEOUT_SECONDS,
        failedRetentionMs: values.FAILED_RETENTION_DAYS,
      },
      history:
        values.HISTORY_DAYS === 0
          ? null
          : { maxAgeMs: values.HISTORY_DAYS, maxBytes: values.HISTORY_MAX_MB * 1_000_000 },
      shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_SECONDS,
      log: {
        level: values.LOG_LEVEL,
        format: values.LOG_FORMAT ?? (stdoutIsTty ? 'pretty' : 'json'),
      },
      health:
        values.HEALTH_PORT === undefined
          ? null
          : { host: values.HEALTH_HOST, port: values.HEALTH_PORT },
      heartbeatUrl: values.HEARTBEAT_URL ?? null,
      proxy: {
        http: values.HTTP_PROXY ?? null,
        https: values.HTTPS_PROXY ?? null,
        noProxy: values.NO_PROXY ?? [],
      },
      webhooks: webhooks.flatMap(({ webhook }) => (webhook === null ? [] : [webhook])),
      warnings: warningsAbout({
        unknown: unknown.inFile,
        skippedLines: file.skippedLines,
        links: [...links],
        repeated: file.repeated.filter((name) => settings.fromFile.has(name)),
        positions: webhooks.flatMap(({ webhook }) =>
          webhook !== null &&
          wantsMentions(webhook) &&
          webhook.filter.positions?.some((position) => !POSITIONS.includes(position))
            ? webhookVariable(webhook.name, 'POSITIONS')
            : [],
        ),
      }),
    }),
  );
}

/** Returns the names of known variables whose value describes a service. */
function linksIn(env: Environment): string[] {
  return Object.keys(env).filter(
    (name) => isKnownName(name) && isServiceLink(name, env[name] ?? ''),
  );
}

function withoutLinks(env: Environment): Environment {
  const links = linksIn(env);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !links.includes(name)));
}

const NO_WEBHOOK: ConfigMistake = {
  variable: webhookVariable('<NAME>', 'URL'),
  problem: 'is not set: there is no webhook to send mentions to',
  allowed: `${allowedBy(WEBHOOK_ATTRIBUTES.URL.rule)}, for one webhook at least, such as ${webhookVariable('SALES', 'URL')}`,
};

function deepFreeze(value: Config): Config;
function deepFreeze(value: unknown): unknown;
function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
