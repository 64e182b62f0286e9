import type { OpenGap } from '../state/gap.ts';
import type { SweepScope } from './sweep.ts';

/** The facts that decide whether a sweep is due. */
export interface SweepSituation {
  readonly openGaps: readonly OpenGap[];
  /** When a poll last succeeded; null if none ever did. */
  readonly lastPollAtMs: number | null;
  /** When a sweep of the day last ended; null if none ever did. */
  readonly sweptAtMs: number | null;
  /** When a sweep last began, whatever its result; null if none ever did. */
  readonly triedAtMs: number | null;
}

const DAY_MS = 86_400_000;
// After a sweep that failed, or left a gap open.
const RETRY_AFTER_MS = 600_000;
// A mention may take a while from being spotted until it is in a window.
const SETTLED_AFTER_MS = 600_000;
// One day ends ten minutes before its last poll, and the next may begin a little late: the overlap
// leaves no time between them.
const OVERLAP_MS = 3_600_000;

/**
 * Returns the sweep that is due now, or null. A sweep is due
 * - at once for a gap that was found since the last sweep began
 * - every 10 minutes for a gap that is still open
 * - once per day for all that was spotted in it until ten minutes before the last poll: younger
 *   mentions may still arrive in a window, with their text
 */
export function sweepDue(situation: SweepSituation, nowMs: number): SweepScope | null {
  const { openGaps, lastPollAtMs, sweptAtMs, triedAtMs } = situation;
  // Without a successful poll there is nothing to compare with.
  if (lastPollAtMs === null) return null;
  const triedMs = pastOf(triedAtMs, nowMs);
  const fresh = openGaps.some(({ foundAtMs }) => foundAtMs > triedMs);
  if (!fresh && nowMs - triedMs < RETRY_AFTER_MS) return null;
  if (nowMs - pastOf(sweptAtMs, nowMs) >= DAY_MS) {
    const fromMs = nowMs - DAY_MS - OVERLAP_MS;
    return { day: { fromMs, toMs: lastPollAtMs - SETTLED_AFTER_MS } };
  }
  return openGaps.length > 0 ? { day: null } : null;
}

/** Returns -Infinity for a time in the future: a wrong clock wrote it. */
function pastOf(timeMs: number | null, nowMs: number): number {
  return timeMs === null || timeMs > nowMs ? -Infinity : timeMs;
}

// After a pause of this length a sweep checks what came meanwhile, though no window shows a gap.
const LONG_PAUSE_MS = 600_000;
// By then what came meanwhile is in windows, if it ever will be.
const SWEEP_AFTER_PAUSE_MS = 900_000;

/**
 * Returns when a sweep of the day must follow a poll, in milliseconds from now; null if none must.
 * `sinceLastMs` is the time since the poll before it, null without one.
 */
export function sweepAfterPauseInMs(sinceLastMs: number | null): number | null {
  return sinceLastMs !== null && sinceLastMs > LONG_PAUSE_MS ? SWEEP_AFTER_PAUSE_MS : null;
}
