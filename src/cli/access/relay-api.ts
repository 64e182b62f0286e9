import type { Config } from '../../config/env.ts';
import { VARIABLES } from '../../config/variables.ts';
import type { GroouplyApi } from '../../groouply/groouply-api.io.ts';
import { NAME_AUTHORITY, UNKNOWN_AUTHORITY } from '../../domain/authority.ts';
import { PROXY_CODE } from '../../domain/proxy.ts';
import { GroouplyError } from '../../groouply/groouply-shapes.ts';
import { createLogger } from '../../monitoring/logger.io.ts';
import { redisKeys, type RedisKeys } from '../../redis/redis-keys.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import { createApi, createBudget } from '../../app/groouply-access.ts';
import { configFromProcess } from './config-from-process.ts';
import { inSentences, type Explanation } from '../../domain/explanation.ts';
import { askRelayRedis, openRedis } from './relay-redis.ts';

/** The client of the API and its surroundings, for one command. */
export interface RelayApi {
  readonly config: Config;
  readonly api: GroouplyApi;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  /** Aborts when a command takes too long. */
  readonly signal: AbortSignal;
}

// Longer than a minute: by then a slot is free again, unless the API asked for a longer pause.
const MAX_MS = 100_000;
const REPORT_WAITING_AFTER_MS = 5_000;

/**
 * Asks the API within the relay's own request budget, which is kept in its Redis. On an error,
 * prints on stderr what to do and sets the exit status to 1.
 */
export async function askRelayApi<T>(ask: (parts: RelayApi) => Promise<T>): Promise<T | undefined> {
  const config = await configFromProcess();
  return askRelayRedis(
    config,
    async (redis) => {
      const keys = redisKeys(config.redisPrefix);
      try {
        return await withApi({ config, redis, keys }, ask);
      } catch (error) {
        const explained = explainApiError(error);
        if (explained === null) throw error;
        process.exitCode = 1;
        process.stderr.write(`${inSentences(explained)}\n`);
        return undefined;
      }
    },
    openRedis,
  );
}

/** Provides a client of the API whose requests pass the budget. Reports long waits on stderr. */
export async function withApi<T>(
  parts: Pick<RelayApi, 'config' | 'redis' | 'keys'>,
  ask: (parts: RelayApi) => Promise<T>,
  onServerTime?: (serverNowMs: number) => void,
): Promise<T> {
  const { log } = await createLogger({ level: 'silent', format: 'json' });
  const budget = createBudget({
    ...parts,
    log,
    reportError: () => undefined,
    monotonicMs: () => performance.now(),
  });
  const api = createApi({ ...parts, log, nowMs: Date.now }, budget, onServerTime);
  const { requestsPerWindow } = parts.config.budget;
  const waiting = setTimeout(() => {
    process.stderr.write(
      `Waiting for the API or for its budget of ${requestsPerWindow} requests per minute, shared with the running relay...\n`,
    );
  }, REPORT_WAITING_AFTER_MS);
  try {
    return await ask({ ...parts, api, signal: AbortSignal.timeout(MAX_MS) });
  } finally {
    clearTimeout(waiting);
  }
}

/** Explains an error of the API; null if the error is of another kind. */
export function explainApiError(error: unknown): Explanation | null {
  if (error instanceof GroouplyError) {
    switch (error.kind) {
      case 'key-rejected':
        return {
          what: error.message,
          todo: 'check GROOUPLY_API_KEY; the settings of the Groouply account show the key',
        };
      case 'unanswered':
        return {
          what: error.message,
          todo: error.message.includes(PROXY_CODE)
            ? 'check HTTPS_PROXY (HTTP_PROXY for an http:// URL), NO_PROXY and the proxy'
            : UNKNOWN_AUTHORITY.test(error.message)
              ? NAME_AUTHORITY
              : 'check GROOUPLY_API_URL and the network',
        };
      case 'unreadable':
        return {
          what: error.explanation.what,
          todo: 'check GROOUPLY_API_URL; if it is right, a proxy, a firewall or a log-in page of the network answers instead, or the API fails for a while',
        };
      case 'refused':
        return {
          what: error.explanation.what,
          todo: `check GROOUPLY_API_URL; its default is ${VARIABLES.GROOUPLY_API_URL.default}`,
        };
      case 'rate-limited':
        return {
          what: error.message,
          todo: 'try again later; a lower RATE_BUDGET_PER_MINUTE leaves more to other users of the key',
        };
      case 'server':
        return {
          what: error.message,
          todo: "try again later; if it persists, contact Groouply's support",
        };
    }
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return {
      what: 'no request slot became free in time: the API asked for a pause, or a relay uses the whole budget (RATE_BUDGET_PER_MINUTE)',
      todo: 'try again later',
    };
  }
  return null;
}
