import {
  createGroouplyApi,
  MAX_REQUEST_MS,
  type GroouplyApi,
} from '../groouply/groouply-api.io.ts';
import { GroouplyError } from '../groouply/groouply-shapes.ts';
import { createRequestBudget, type RequestBudget } from '../groouply/request-budget.io.ts';
import { backgroundBelow, backgroundWhileBusy } from '../groouply/background-share.ts';
import { baseIntervalMs } from '../polling/poll-times.ts';
import { USER_AGENT, type Parts } from './parts.ts';

type BudgetParts = Pick<Parts, 'config' | 'log' | 'redis' | 'keys' | 'reportError' | 'monotonicMs'>;

/** The one budget of this relay's API key. */
export function createBudget({ config, log, redis, keys, ...parts }: BudgetParts): RequestBudget {
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
    // Only an answer says that the request has been counted by now.
    mayStillArrive: (error) => !(error instanceof GroouplyError) || error.kind === 'unanswered',
    onWaited: (waitedMs) =>
      log.debug('budget.waited', { waitedMs }, 'a request to the API waited for the budget'),
    onSettleFailed: parts.reportError,
    monotonicMs: parts.monotonicMs,
  });
}

/** The client of the API, all of whose requests pass the budget. */
export function createApi(
  { config, log, nowMs }: Pick<Parts, 'config' | 'log' | 'nowMs'>,
  budget: Pick<RequestBudget, 'run' | 'block'>,
  onServerTime?: (serverNowMs: number) => void,
): GroouplyApi {
  return createGroouplyApi({
    ...config.groouply,
    userAgent: USER_AGENT,
    budget,
    onRetry: ({ endpoint, attempt, error }) =>
      log.debug(
        'poll.retrying',
        { endpoint, attempt, reason: error.message },
        'a request to the API failed and is made again',
      ),
    ...(onServerTime && { onServerTime }),
    nowMs,
  });
}
