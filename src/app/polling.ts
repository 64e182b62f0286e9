import type { GroouplyApi } from '../adapters/groouply-api.ts';
import { GroouplyError } from '../adapters/groouply-error.ts';
import { createDeadManPing, type DeadManPing } from '../adapters/dead-man-ping.ts';
import { createHeartbeat } from '../adapters/heartbeat.ts';
import { createPollPace } from '../adapters/poll-pace.ts';
import { errorCode } from '../adapters/redis-error-code.ts';
import { troubleOf } from '../adapters/redis-trouble.ts';
import { askForSweep } from '../adapters/relay-state.ts';
import type { RequestBudget } from '../adapters/request-budget.ts';
import { createSeenMentions, StateVanishedError } from '../adapters/seen-mentions.ts';
import { StateVersionError } from '../adapters/state-version.ts';
import type { Trouble, TroubleAlert } from '../domain/alert.ts';
import { createMalformedItemsTeller } from '../pipeline/malformed-items.ts';
import { baseIntervalMs, leastPauseMs, pollBetweenInMs } from '../pipeline/pace.ts';
import { createPollTurn, type PollFailure, type PollResult } from '../pipeline/poll-turn.ts';
import { poll, type PollOutcome, type PollPorts } from '../pipeline/poll.ts';
import { createSaturationTeller } from '../pipeline/saturation.ts';
import { watchPolling } from '../pipeline/watchdog.ts';
import { createApi } from './api.ts';
import type { Outbox } from './outbox.ts';
import { USER_AGENT, type Parts } from './parts.ts';

const WATCHDOG_INTERVAL_MS = 5_000;
// A relay that was away for so long looks after what came meanwhile, though nothing shows a gap.
const DOWNTIME_MS = 600_000;
// By then what came meanwhile is in windows, if it ever will be.
const SWEEP_AFTER_DOWNTIME_MS = 900_000;

/** Polls once an interval over all replicas, sooner where it must, and sees to it that this goes on. */
export async function startPolling(
  parts: Parts,
  budget: RequestBudget,
  outbox: Outbox,
): Promise<void> {
  const { config, log, lifecycle, queues, redis, keys, tellError } = parts;
  const settings = { ...config.poll, ...config.budget };
  const intervalMs = baseIntervalMs(settings);
  const pace = createPollPace(redis, keys.pace);
  const turn = createTurn(parts, budget, outbox);

  /** One poll, if it may begin; and the time of the next one, where that is before the heartbeat. */
  async function pollInTime(signal: AbortSignal, token: string | null): Promise<void> {
    const kind = token === null ? 'heartbeat' : 'between';
    if (!(await pace.begin(token, leastPauseMs(settings, kind)))) return;
    const beganMs = parts.monotonicMs();
    const result = await turn(signal);
    if (result === null || typeof result === 'string') return;
    const others = result.newMentions > 0 ? await budget.backgroundUsed() : 0;
    const nextMs = pollBetweenInMs(result, result.sinceLastMs, settings, others);
    if (nextMs === null) return;
    const elapsedMs = parts.monotonicMs() - beganMs;
    await queues.pollBetween(Math.max(0, nextMs - elapsedMs), await pace.newToken());
  }

  const heartbeat = createHeartbeat(redis, keys.heartbeat, tellError);
  await lifecycle.untilTaken(() =>
    queues.startPolling(intervalMs, (signal, token) =>
      heartbeat.during(() => pollInTime(signal, token).catch(tellError)),
    ),
  );
  const watched = {
    sinceLastTurnMs: () => heartbeat.sinceLastMs(),
    scheduled: () => queues.scheduled(),
    mend: () => queues.mend(intervalMs),
    log,
  };
  lifecycle.every(WATCHDOG_INTERVAL_MS, () => watchPolling(watched, intervalMs));
}

function createTurn(
  parts: Parts,
  budget: RequestBudget,
  outbox: Outbox,
): (signal: AbortSignal) => Promise<PollResult | null> {
  const { config, log, queues, monotonicMs } = parts;
  const settings = { ...config.poll, ...config.budget };
  let polledBefore = false;
  const trouble = (what: Trouble): TroubleAlert => ({
    type: 'relay.trouble',
    trouble: what,
    webhook: null,
    foundAtMs: parts.nowMs(),
  });
  const ports: PollPorts = {
    fetchWindow: fetchWindowOf(parts, createApi(parts, budget)),
    seen: createSeenMentions({
      ...parts,
      generationSize: config.seenGenerationSize,
      dedupeBy: config.poll.dedupeBy,
    }),
    enqueue: outbox.enqueue,
    alert: outbox.alert,
    polledBefore: () => polledBefore,
    async onEmptyState() {
      if (!polledBefore) return queues.permitHolds();
      // There was a state before: the schedules went with it.
      await queues.mend(baseIntervalMs(settings));
      await outbox.alert(trouble('state_emptied'));
    },
    log,
  };
  const ping = createPing(parts);
  const tellSaturation = createSaturationTeller(log, 3 * baseIntervalMs(settings));
  return createPollTurn({
    poll: (signal) => poll(ports, { webhooks: config.webhooks, ...config.poll }, signal),
    explain(error) {
      if (troubleOf(error) !== null) parts.tellError(error);
      return explainPollError(error);
    },
    onOutcome(result) {
      countPoll(parts, result);
      if (result === 'key-rejected') {
        outbox.alert(trouble('key_rejected')).catch(parts.tellError);
      }
      if (typeof result === 'string') return;
      polledBefore = true;
      ping?.pollSucceeded();
      tellSaturation(result, result.sinceLastMs);
      askForSweeps(parts, result).catch(parts.tellError);
    },
    log,
    monotonicMs,
  });
}

/** A gap is looked into at once, and a downtime when what came in it has had time to show. */
async function askForSweeps(
  { queues, redis, keys, nowMs }: Parts,
  { gap, sinceLastMs }: PollOutcome,
): Promise<void> {
  if (sinceLastMs !== null && sinceLastMs > DOWNTIME_MS) {
    await askForSweep(redis, keys, { nowMs: nowMs(), inMs: SWEEP_AFTER_DOWNTIME_MS });
  }
  if (gap) await queues.lookSoon();
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
  if (error instanceof StateVersionError || error instanceof StateVanishedError) {
    return { keyRejected: false, reason: error.message };
  }
  return { keyRejected: false, reason: errorCode(error as Error) };
}
