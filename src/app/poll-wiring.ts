import type { GroouplyApi } from '../groouply/groouply-api.io.ts';
import { GroouplyError } from '../groouply/groouply-shapes.ts';
import { createHeartbeat, type Heartbeat } from '../monitoring/heartbeat-url.io.ts';
import { errorCode, troubleOf } from '../redis/redis-errors.ts';
import { askForSweep } from '../state/relay-state.io.ts';
import type { RequestBudget } from '../groouply/request-budget.io.ts';
import { createSeenMentions, StateVanishedError } from '../state/seen-mentions.io.ts';
import { StateVersionError } from '../state/state-version.io.ts';
import type { Trouble, TroubleAlert } from '../domain/alert.ts';
import { createMalformedItemsLog, createSaturationLog } from '../polling/poll-log.ts';
import { baseIntervalMs, isBusy } from '../polling/poll-times.ts';
import { createPollRun, type PollFailure, type PollResult } from '../polling/poll-run.ts';
import { poll, type PollOutcome, type PollPorts } from '../polling/poll.ts';
import { createApi } from './groouply-access.ts';
import type { Outbox } from '../delivering/outbox.io.ts';
import { USER_AGENT, type Parts } from './parts.ts';

// A relay that was away for so long looks after what came meanwhile, though nothing shows a gap.
const DOWNTIME_MS = 600_000;
// By then what came meanwhile is in windows, if it ever will be.
const SWEEP_AFTER_DOWNTIME_MS = 900_000;

/** A poll's turn, with all that it needs, and what follows from what came of it. */
export function createPolling(
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
      if (!polledBefore) return;
      // There was a state before: the schedules went with it.
      await queues.mend(baseIntervalMs(settings));
      await outbox.alert(trouble('state_emptied'));
    },
    log,
  };
  const ping = createPing(parts);
  const logSaturation = createSaturationLog(log, 3 * baseIntervalMs(settings));
  return createPollRun({
    poll: (signal) => poll(ports, { webhooks: config.webhooks, ...config.poll }, signal),
    explain(error) {
      if (troubleOf(error) !== null) parts.reportError(error);
      return explainPollError(error);
    },
    onOutcome(result) {
      countPoll(parts, result);
      if (result === 'key-rejected') {
        outbox.alert(trouble('key_rejected')).catch(parts.reportError);
      }
      if (typeof result === 'string') return;
      polledBefore = true;
      ping?.pollSucceeded();
      logSaturation(result, result.sinceLastMs);
      followUp(parts, budget, result).catch(parts.reportError);
    },
    log,
    monotonicMs,
  });
}

/**
 * A busy account has its budget for polls. A gap is looked into at once, and a downtime when what
 * came in it has had time to show.
 */
async function followUp(
  { queues, redis, keys, nowMs }: Parts,
  budget: RequestBudget,
  outcome: PollOutcome,
): Promise<void> {
  const { gap, sinceLastMs } = outcome;
  // First: the look that a gap asks for must know of it.
  if (isBusy(outcome)) await budget.setBusy();
  if (sinceLastMs !== null && sinceLastMs > DOWNTIME_MS) {
    await askForSweep(redis, keys, { nowMs: nowMs(), inMs: SWEEP_AFTER_DOWNTIME_MS });
  }
  if (gap) await queues.lookSoon();
}

function fetchWindowOf({ log, nowMs }: Parts, api: GroouplyApi): PollPorts['fetchWindow'] {
  const logMalformed = createMalformedItemsLog(log);
  return async (signal) => {
    const { mentions, malformed } = await api.mentions(signal);
    logMalformed(malformed);
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

function createPing(parts: Parts): Heartbeat | undefined {
  const { config, log, lifecycle, redis, keys, reportError } = parts;
  if (config.heartbeatUrl === null) return undefined;
  const ping = createHeartbeat({
    url: config.heartbeatUrl,
    redis,
    key: keys.ping,
    userAgent: USER_AGENT,
    log,
    onError: reportError,
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
