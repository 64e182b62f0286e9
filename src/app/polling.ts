import {
  createGroouplyApi,
  LONGEST_REQUEST_MS,
  type GroouplyApi,
} from '../adapters/groouply-api.ts';
import { GroouplyError } from '../adapters/groouply-error.ts';
import { createDeadManPing, type DeadManPing } from '../adapters/dead-man-ping.ts';
import { createHeartbeat } from '../adapters/heartbeat.ts';
import type { KnownWebhooks } from '../adapters/known-webhooks.ts';
import { errorCode } from '../adapters/redis-error-code.ts';
import { troubleOf } from '../adapters/redis-trouble.ts';
import { createRequestBudget, type RequestBudget } from '../adapters/request-budget.ts';
import { createSeenMentions } from '../adapters/seen-mentions.ts';
import { createMalformedItemsTeller } from '../pipeline/malformed-items.ts';
import { createPollTurn, type PollFailure, type PollResult } from '../pipeline/poll-turn.ts';
import { poll, type PollPorts } from '../pipeline/poll.ts';
import { watchPolling } from '../pipeline/watchdog.ts';
import { USER_AGENT, type Parts } from './parts.ts';

const WATCHDOG_INTERVAL_MS = 5_000;

/** The one budget of this relay's API key. */
export function createBudget({ config, log, redis, keys, ...parts }: Parts): RequestBudget {
  return createRequestBudget({
    redis,
    keys: keys.budget(config.groouply.apiKey),
    ...config.budget,
    longestRequestMs: LONGEST_REQUEST_MS,
    // Only an answer says that the request has been counted by now.
    mayStillArrive: (error) => !(error instanceof GroouplyError) || error.kind === 'unanswered',
    onWaited: (waitedMs) =>
      log.debug('budget.waited', { waitedMs }, 'a request to the API waited for the budget'),
    onSettleFailed: parts.tellError,
    monotonicMs: parts.monotonicMs,
  });
}

/** Polls once an interval over all replicas, and sees to it that this goes on. */
export async function startPolling(
  parts: Parts,
  budget: RequestBudget,
  knownWebhooks: KnownWebhooks,
): Promise<void> {
  const { config, log, lifecycle, queues, monotonicMs } = parts;
  const { intervalMs } = config.poll;
  let polledBefore = false;

  const ports: PollPorts = {
    fetchWindow: fetchWindowOf(parts, createApi(parts, budget)),
    seen: createSeenMentions({ ...parts, generationSize: config.seenGenerationSize }),
    async enqueue(webhook, deliveries) {
      await knownWebhooks.add(webhook);
      await queues.enqueue(webhook, deliveries);
    },
    polledBefore: () => polledBefore,
    onEmptyState: () => queues.permitHolds(),
    log,
  };
  const ping = createPing(parts);
  const turn = createPollTurn({
    poll: (signal) => poll(ports, { webhooks: config.webhooks, ...config.poll }, signal),
    explain(error) {
      if (troubleOf(error) !== null) parts.tellError(error);
      return explainPollError(error);
    },
    onOutcome(result) {
      if (typeof result !== 'string') {
        polledBefore = true;
        ping?.pollSucceeded();
      }
      countPoll(parts, result);
    },
    log,
    monotonicMs,
  });

  const heartbeat = createHeartbeat(parts.redis, parts.keys.heartbeat, parts.tellError);
  await lifecycle.untilTaken(() =>
    queues.startPolling(intervalMs, (signal) => heartbeat.during(() => turn(signal))),
  );
  const watched = {
    sinceLastTurnMs: () => heartbeat.sinceLastMs(),
    mend: () => queues.mend(intervalMs),
    log,
  };
  lifecycle.every(WATCHDOG_INTERVAL_MS, () => watchPolling(watched, intervalMs));
}

function createApi({ config, log, nowMs }: Parts, budget: RequestBudget): GroouplyApi {
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
    nowMs,
  });
}

function fetchWindowOf({ log, nowMs }: Parts, api: GroouplyApi): PollPorts['fetchWindow'] {
  const tellMalformed = createMalformedItemsTeller(log);
  return async (signal) => {
    const { mentions, malformed } = await api.mentions(signal);
    tellMalformed(malformed);
    return { mentions, malformed: malformed.length, receivedAtMs: nowMs() };
  };
}

function countPoll({ tally, monitoring }: Parts, result: PollResult): void {
  monitoring.polled(result);
  if (typeof result === 'string') {
    tally.count('pollsFailed');
  } else {
    tally.count('polls');
    tally.count('newMentions', result.newMentions);
  }
}

function createPing(parts: Parts): DeadManPing | undefined {
  const { config, log, lifecycle, redis, keys, tellError } = parts;
  if (config.heartbeatUrl === null) return undefined;
  const ping = createDeadManPing({
    url: config.heartbeatUrl,
    redis,
    key: keys.ping,
    userAgent: USER_AGENT,
    log,
    onError: tellError,
  });
  lifecycle.onRelease(() => ping.close());
  return ping;
}

function explainPollError(error: unknown): PollFailure {
  if (error instanceof GroouplyError) {
    return { keyRejected: error.kind === 'key-rejected', reason: error.message };
  }
  return { keyRejected: false, reason: errorCode(error as Error) };
}
