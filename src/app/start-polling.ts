import { createPollTicks, createPollPace } from '../polling/poll-claims.io.ts';
import type { RequestBudget } from '../groouply/request-budget.io.ts';
import {
  baseIntervalMs,
  minSpacingMs,
  pollAfterFailureInMs,
  pollBetweenInMs,
} from '../polling/poll-times.ts';
import type { PollResult } from '../polling/poll-run.ts';
import { watchPolling } from '../polling/watchdog.ts';
import type { Outbox } from '../delivering/outbox.io.ts';
import type { Parts } from './parts.ts';
import { createPolling } from './poll-wiring.ts';

const WATCHDOG_INTERVAL_MS = 5_000;

/** Polls once an interval over all replicas, sooner where it must, and sees to it that this goes on. */
export async function startPolling(
  parts: Parts,
  budget: RequestBudget,
  outbox: Outbox,
): Promise<void> {
  const { config, log, lifecycle, queues, redis, keys, reportError } = parts;
  const settings = { ...config.poll, ...config.budget };
  const intervalMs = baseIntervalMs(settings);
  const pace = createPollPace(redis, keys.pace);
  const turn = createPolling(parts, budget, outbox);

  /** One poll, if it may begin; and the time of the next one, where that is before the heartbeat. */
  async function pollInTime(signal: AbortSignal, token: string | null): Promise<void> {
    const kind = token === null ? 'heartbeat' : 'between';
    const beginning = await pace.begin(token, minSpacingMs(settings, kind));
    if (!beginning.began) {
      // The clock of this replica may be faster than that of the one that asked for the poll.
      if (token !== null && beginning.tooEarlyByMs !== null) {
        await queues.pollBetween(beginning.tooEarlyByMs, token);
      }
      return;
    }
    const beganMs = parts.monotonicMs();
    const result = await turn(signal);
    if (result === null) return;
    const nextMs = await nextInMs(result, beginning.paceMs);
    if (nextMs === null) {
      if (beginning.paceMs !== null) await pace.noneBetween();
      return;
    }
    const elapsedMs = parts.monotonicMs() - beganMs;
    await queues.pollBetween(Math.max(0, nextMs - elapsedMs), await pace.newToken(nextMs));
  }

  async function nextInMs(result: PollResult, lastPaceMs: number | null): Promise<number | null> {
    if (result === 'key-rejected') return null;
    if (result === 'failed') return pollAfterFailureInMs(lastPaceMs, settings);
    const others = result.newMentions > 0 ? await budget.backgroundUsed() : 0;
    return pollBetweenInMs(result, result.sinceLastMs, settings, others);
  }

  const heartbeat = createPollTicks(redis, keys.heartbeat, reportError);
  await lifecycle.untilTaken(() =>
    queues.startPolling(intervalMs, (signal, token) =>
      heartbeat.during(() => pollInTime(signal, token).catch(reportError)),
    ),
  );
  const watched = {
    sinceLastTickMs: () => heartbeat.sinceLastMs(),
    scheduled: () => queues.scheduled(),
    mend: () => queues.mend(intervalMs),
    log,
  };
  lifecycle.every(WATCHDOG_INTERVAL_MS, () => watchPolling(watched, intervalMs));
}
