import type { OpenGap } from '../state/gap.ts';
import type { SweepScope } from './sweep.ts';

/** The facts that decide whether a sweep is due. */
export interface SweepSituation {
  readonly openGaps: readonly OpenGap[];
  /** Time of the last successful poll; null if none succeeded. */
  readonly lastPollAtMs: number | null;
  /** Time at which a sweep of the day last ended; null if none ended. */
  readonly sweptAtMs: number | null;
  /** Time at which a sweep last began, with any result; null if none began. */
  readonly triedAtMs: number | null;
}

const DAY_MS = 86_400_000;
// The pause after a sweep that failed or left a gap open.
const RETRY_AFTER_MS = 600_000;
// A spotted mention may reach a window late.
const SETTLED_AFTER_MS = 600_000;
// A sweep's day ends ten minutes before the last poll, and the next sweep may start late. The extra hour
// covers the time between.
const OVERLAP_MS = 3_600_000;

/**
 * Returns the sweep that is due now, or null. A sweep is due
 * - at once for a gap that was found since the last sweep began
 * - every 10 minutes for a gap that is still open
 * - once a day, for all that was spotted in the last 25 hours up to ten minutes before the last poll:
 *   younger mentions may still come by a poll, with their text
 */
export function sweepDue(situation: SweepSituation, nowMs: number): SweepScope | null {
  const { openGaps, lastPollAtMs, sweptAtMs, triedAtMs } = situation;
  // Without a successful poll, a sweep has nothing to compare with.
  if (lastPollAtMs === null) return null;
  const triedMs = pastOf(triedAtMs, nowMs);
  const fresh = openGaps.some(({ foundAtMs }) => foundAtMs > triedMs && foundAtMs <= nowMs);
  if (!fresh && nowMs - triedMs < RETRY_AFTER_MS) return null;
  if (nowMs - pastOf(sweptAtMs, nowMs) >= DAY_MS) {
    const fromMs = nowMs - DAY_MS - OVERLAP_MS;
    return { day: { fromMs, toMs: Math.min(lastPollAtMs, nowMs) - SETTLED_AFTER_MS } };
  }
  return openGaps.length > 0 ? { day: null } : null;
}

/** Returns -Infinity for a time in the future, which a wrong clock wrote. */
function pastOf(timeMs: number | null, nowMs: number): number {
  return timeMs === null || timeMs > nowMs ? -Infinity : timeMs;
}

// After a pause of this length a sweep checks the mentions of that time, even without a gap.
const LONG_PAUSE_MS = 600_000;
// By then the mentions of the pause are in windows, or were missed.
const SWEEP_AFTER_PAUSE_MS = 900_000;

/**
 * Returns when a sweep of the day must follow a poll, in milliseconds from now; null if none must.
 * `sinceLastMs` is the time since the poll before it, null without one.
 */
export function sweepAfterPauseInMs(sinceLastMs: number | null): number | null {
  return sinceLastMs !== null && sinceLastMs > LONG_PAUSE_MS ? SWEEP_AFTER_PAUSE_MS : null;
}
