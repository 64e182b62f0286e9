import type { Config } from '../config/env.ts';
import type { EventLog } from '../domain/event-log.ts';
import {
  createGroouplyApi,
  MAX_REQUEST_MS,
  type GroouplyApi,
} from '../groouply/groouply-api.io.ts';
import { GroouplyError } from '../groouply/groouply-shapes.ts';
import {
  backgroundBelow,
  backgroundWhileBusy,
  createRequestBudget,
  type RequestBudget,
} from '../groouply/request-budget.io.ts';
import { baseIntervalMs } from '../polling/next-poll.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import { USER_AGENT } from '../version.ts';

/** Creates the one budget of this relay's API key. */
export function createBudget({
  config,
  log,
  redis,
  keys,
  reportError,
  monotonicMs,
}: {
  readonly config: Pick<Config, 'groouply' | 'budget' | 'poll'>;
  readonly log: EventLog;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly reportError: (error: unknown) => void;
  /** A clock that never jumps. */
  readonly monotonicMs: () => number;
}): RequestBudget {
  return createRequestBudget({
    redis,
    keys: keys.budget(config.groouply.apiKey),
    ...config.budget,
    backgroundBelow: backgroundBelow({
      ...config.budget,
      baseIntervalMs: baseIntervalMs({ ...config.budget, ...config.poll }),
    }),
    backgroundWhileBusy: backgroundWhileBusy(config.budget.requestsPerWindow),
    maxRequestMs: MAX_REQUEST_MS,
    mayStillArrive,
    onWaited: (waitedMs) =>
      log.debug('budget.waited', { waitedMs }, 'a request to the API waited for the budget'),
    onReturnFailed: reportError,
    monotonicMs,
  });
}

/** Returns true if a failed request may still reach the API: only an answer shows that it has. */
export function mayStillArrive(error: unknown): boolean {
  return !(error instanceof GroouplyError) || error.kind === 'unanswered';
}

/** Creates the client of the API. All of its requests pass the budget. */
export function createApi(
  {
    config,
    log,
    nowMs,
  }: {
    readonly config: Pick<Config, 'groouply' | 'proxy'>;
    readonly log: EventLog;
    readonly nowMs: () => number;
  },
  budget: Pick<RequestBudget, 'run' | 'block'>,
  onServerTime?: (serverNowMs: number) => void,
): GroouplyApi {
  return createGroouplyApi({
    ...config.groouply,
    proxy: config.proxy,
    userAgent: USER_AGENT,
    budget,
    onRetry: ({ endpoint, attempt, error }) =>
      log.debug(
        'poll.retrying',
        { endpoint, attempt, reason: error.message },
        'a request to the API failed and is retried',
      ),
    ...(onServerTime && { onServerTime }),
    nowMs,
  });
}
