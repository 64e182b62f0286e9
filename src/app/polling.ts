import type { GroouplyApi } from '../adapters/groouply-api.ts';
import { GroouplyError } from '../adapters/groouply-error.ts';
import { createDeadManPing, type DeadManPing } from '../adapters/dead-man-ping.ts';
import { createHeartbeat } from '../adapters/heartbeat.ts';
import type { KnownWebhooks } from '../adapters/known-webhooks.ts';
import { errorCode } from '../adapters/redis-error-code.ts';
import { troubleOf } from '../adapters/redis-trouble.ts';
import type { RequestBudget } from '../adapters/request-budget.ts';
import { createSeenMentions } from '../adapters/seen-mentions.ts';
import { StateVersionError } from '../adapters/state-version.ts';
import { createMalformedItemsTeller } from '../pipeline/malformed-items.ts';
import { createPollTurn, type PollFailure, type PollResult } from '../pipeline/poll-turn.ts';
import { poll, type PollPorts } from '../pipeline/poll.ts';
import { watchPolling } from '../pipeline/watchdog.ts';
import { createApi } from './api.ts';
import { USER_AGENT, type Parts } from './parts.ts';

const WATCHDOG_INTERVAL_MS = 5_000;

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
    seen: createSeenMentions({
      ...parts,
      generationSize: config.seenGenerationSize,
      dedupeBy: config.poll.dedupeBy,
    }),
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
    if (result.gap) {
      tally.count('gaps');
      monitoring.countGap();
    }
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
  if (error instanceof StateVersionError) return { keyRejected: false, reason: error.message };
  return { keyRejected: false, reason: errorCode(error as Error) };
}
