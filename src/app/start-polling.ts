import type { Config } from '../config/env.ts';
import type { Outbox } from '../delivering/outbox.io.ts';
import type { Troubles } from '../delivering/troubles/troubles.io.ts';
import type { Trouble } from '../domain/alert.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { GroouplyApi } from '../groouply/groouply-api.io.ts';
import { GroouplyError } from '../groouply/groouply-shapes.ts';
import type { RequestBudget } from '../groouply/request-budget.io.ts';
import { createHeartbeat, type Heartbeat } from '../monitoring/heartbeat-url.io.ts';
import type { Metrics } from '../monitoring/metrics.io.ts';
import type { Tally } from '../monitoring/summary.ts';
import { createPollClaims, createPollTicks } from '../polling/poll-claims.io.ts';
import { createMalformedItemsLog, createSaturationLog } from '../polling/poll-log.ts';
import { createPollRun, type PollFailure, type PollResult } from '../polling/poll-run.ts';
import { createPollSchedule, watchPolling } from '../polling/poll-job.ts';
import { pollTimes, type PollTimes } from '../polling/next-poll.ts';
import { poll, type PollOutcome, type PollPorts } from '../polling/poll.ts';
import type { Queues } from '../queues/queues.ts';
import { sweepAfterPauseInMs } from '../recovery/sweep-due.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import { errorCode, troubleOf } from '../redis/redis-errors.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import { bringSweepForward, markKeyRejected } from '../state/relay-state.io.ts';
import { createLeads } from '../state/leads/leads.io.ts';
import { createSeenMentions, StateVanishedError } from '../state/seen-mentions.io.ts';
import { StateVersionError } from '../state/state-version.io.ts';
import { USER_AGENT } from '../version.ts';
import { createApi } from './groouply-access.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { HistoryWrites } from './start-history.ts';

const WATCHDOG_INTERVAL_MS = 5_000;

/** The parts of a relay that polling uses. */
export interface PollingParts {
  readonly config: Config;
  readonly log: EventLog;
  readonly lifecycle: Pick<Lifecycle, 'every' | 'onRelease' | 'untilTaken'>;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly queues: Pick<
    Queues,
    'startPolling' | 'askForExtraPoll' | 'sweepSoon' | 'scheduled' | 'reschedule'
  >;
  readonly budget: RequestBudget;
  readonly outbox: Outbox;
  readonly troubles: Pick<Troubles, 'found' | 'over'>;
  readonly history: Pick<HistoryWrites, 'keepPolled'>;
  readonly tally: Tally;
  /** True if data of Redis was cut off: then a missing state was there before. */
  readonly dataRepaired: () => boolean;
  readonly monitoring: Pick<Metrics, 'polled' | 'countGap' | 'countUnreadable'>;
  readonly reportError: (error: unknown) => void;
  readonly nowMs: () => number;
  /** A clock that never jumps. */
  readonly monotonicMs: () => number;
}

/** Starts to poll, over all replicas, and watches that polling continues. */
export async function startPolling(parts: PollingParts): Promise<void> {
  const { config, log, lifecycle, redis, keys, queues, budget, reportError } = parts;
  const times = pollTimes({ ...config.poll, ...config.budget });
  const { baseIntervalMs } = times;
  const schedule = createPollSchedule(
    {
      claims: createPollClaims(redis, keys.pollClaim),
      run: createRun(parts, times),
      askForExtraPoll: (delayMs, token) => queues.askForExtraPoll(delayMs, token),
      slotsOfOthers: () => budget.backgroundUsed(),
      monotonicMs: parts.monotonicMs,
    },
    times,
  );
  const ticks = createPollTicks(redis, keys.tick, reportError);
  await lifecycle.untilTaken(() =>
    queues.startPolling(baseIntervalMs, (signal, token) =>
      ticks.during(() => schedule(signal, token).catch(reportError)),
    ),
  );
  const watchdog = {
    sinceTickMs: () => ticks.sinceLastMs(),
    scheduled: () => queues.scheduled(),
    reschedule: () => queues.reschedule(baseIntervalMs),
    log,
  };
  lifecycle.every(WATCHDOG_INTERVAL_MS, () => watchPolling(watchdog, baseIntervalMs));
}

/** Creates the run of a poll, with its ports and with what follows from its result. */
function createRun(
  parts: PollingParts,
  times: PollTimes,
): (signal: AbortSignal) => Promise<PollResult | null> {
  const { config, log, queues, outbox, troubles, budget } = parts;
  let polledBefore = false;
  const hadState = (): boolean => polledBefore || parts.dataRepaired();
  const ports: PollPorts = {
    fetchWindow: fetchWindowOf(parts, createApi(parts, budget)),
    seen: createSeenMentions({
      ...parts,
      generationSize: config.seenGenerationSize,
      dedupeBy: config.poll.dedupeBy,
    }),
    leads: createLeads({ ...parts, generationSize: config.seenGenerationSize }),
    keep: parts.history.keepPolled,
    enqueue: outbox.enqueue,
    alert: outbox.alert,
    hadState,
    async onEmptyState() {
      if (!hadState()) return;
      // The schedules vanished with the state.
      await queues.reschedule(times.baseIntervalMs);
      await troubles.found('state_emptied');
    },
    log,
  };
  const ping = createPing(parts);
  const logSaturation = createSaturationLog(log, 3 * times.baseIntervalMs);
  return createPollRun({
    poll: (signal) => poll(ports, { webhooks: config.webhooks, ...config.poll }, signal),
    explain(error) {
      if (troubleOf(error) !== null) parts.reportError(error);
      return explainPollError(error);
    },
    onResult(result) {
      countPoll(parts, result);
      if (result === 'key-rejected') {
        const { rejected } = parts.keys.budget(config.groouply.apiKey);
        markKeyRejected(parts.redis, rejected, parts.nowMs()).catch(parts.reportError);
      }
      noteTroubles(troubles, result).catch(parts.reportError);
      if (typeof result === 'string') return;
      polledBefore = true;
      ping?.pollSucceeded();
      logSaturation(result);
      followUp(parts, times, result).catch(parts.reportError);
    },
    log,
    monotonicMs: parts.monotonicMs,
  });
}

/** Records what a poll shows: troubles that exist, or are over. */
export async function noteTroubles(
  troubles: Pick<Troubles, 'found' | 'over'>,
  result: PollResult,
): Promise<void> {
  if (result === 'key-rejected') return troubles.found('key_rejected');
  if (result === 'failed') return troubles.found('polls_failing');
  const over: Trouble[] = ['key_rejected', 'polls_failing'];
  if (result.malformed > 0) await troubles.found('items_unreadable');
  else over.push('items_unreadable');
  await troubles.over(over.map((trouble) => ({ trouble, webhook: null })));
}

/** Reserves the budget for a busy account, and asks for the sweeps that a poll shows to be needed. */
export async function followUp(
  { queues, budget, redis, keys, nowMs }: FollowUpParts,
  times: Pick<PollTimes, 'isBusy'>,
  outcome: PollOutcome,
): Promise<void> {
  // First: the sweep of a gap must know that the account is busy.
  if (times.isBusy(outcome)) await budget.setBusy();
  const inMs = sweepAfterPauseInMs(outcome.sinceLastMs);
  if (inMs !== null) await bringSweepForward(redis, keys, { nowMs: nowMs(), inMs });
  if (outcome.gap) await queues.sweepSoon();
}

interface FollowUpParts extends Pick<PollingParts, 'redis' | 'keys' | 'nowMs'> {
  readonly queues: Pick<Queues, 'sweepSoon'>;
  readonly budget: Pick<RequestBudget, 'setBusy'>;
}

function fetchWindowOf(
  { log, nowMs, tally, monitoring }: Pick<PollingParts, 'log' | 'nowMs' | 'tally' | 'monitoring'>,
  api: Pick<GroouplyApi, 'mentions'>,
): PollPorts['fetchWindow'] {
  const logMalformed = createMalformedItemsLog(log);
  return async (signal) => {
    const { mentions, malformed } = await api.mentions(signal);
    const unreadable = logMalformed(malformed);
    tally.count('unreadable', unreadable);
    monitoring.countUnreadable(unreadable);
    return { mentions, malformed: malformed.length, receivedAtMs: nowMs() };
  };
}

/** Counts a poll for the summary and the metrics. */
export function countPoll(
  {
    tally,
    monitoring,
  }: {
    readonly tally: Pick<Tally, 'count'>;
    readonly monitoring: Pick<Metrics, 'polled' | 'countGap'>;
  },
  result: PollResult,
): void {
  monitoring.polled(result);
  if (typeof result === 'string') {
    tally.count('pollsFailed');
    return;
  }
  tally.count('polls');
  tally.count('newMentions', result.newMentions);
  tally.count('merged', result.merged);
  if (result.gap) {
    tally.count('gaps');
    monitoring.countGap();
  }
}

function createPing({
  config,
  log,
  lifecycle,
  redis,
  keys,
  reportError,
}: PollingParts): Heartbeat | undefined {
  if (config.heartbeatUrl === null) return undefined;
  const ping = createHeartbeat({
    url: config.heartbeatUrl,
    redis,
    key: keys.ping,
    userAgent: USER_AGENT,
    proxy: config.proxy,
    log,
    onError: reportError,
  });
  lifecycle.onRelease(() => ping.close());
  return ping;
}

/** Explains why a poll failed. An error of others may hold secrets: only its code is passed on. */
export function explainPollError(error: unknown): PollFailure {
  if (error instanceof GroouplyError) {
    return { keyRejected: error.kind === 'key-rejected', reason: error.message };
  }
  if (error instanceof StateVersionError || error instanceof StateVanishedError) {
    return { keyRejected: false, reason: error.message };
  }
  return { keyRejected: false, reason: errorCode(error as Error) };
}
