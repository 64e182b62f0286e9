import type { OpenGap } from '../state/gap.ts';
import type { SweepScope } from './sweep.ts';

/** What decides whether a sweep is due. */
export interface SweepSituation {
  readonly openGaps: readonly OpenGap[];
  /** When a poll last succeeded; null if none ever did. */
  readonly lastPollAtMs: number | null;
  /** When a sweep of the day last ended; null if none ever did. */
  readonly sweptAtMs: number | null;
  /** When a sweep last began, whatever came of it; null if none ever did. */
  readonly triedAtMs: number | null;
}

const DAY_MS = 86_400_000;
// After a sweep that left a gap open, or failed.
const RETRY_AFTER_MS = 600_000;
// A mention may take a while from being spotted until it is in a window.
const SETTLED_AFTER_MS = 600_000;
// So that nothing lies between two days: one ends ten minutes before its last poll, and the next may
// begin a little late.
const OVERLAP_MS = 3_600_000;

/**
 * The sweep that is due now, or null: at once for a gap that was found since the last one began,
 * every 10 minutes for one that is still open, and once a day for all that was spotted in it until
 * ten minutes before the last poll. What is younger may still come by itself, with its text.
 */
export function sweepDue(situation: SweepSituation, nowMs: number): SweepScope | null {
  const { openGaps, lastPollAtMs, sweptAtMs, triedAtMs } = situation;
  // Without a poll that succeeds there is nothing to compare with.
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

/** A time in the future was written by a clock that was wrong: as if there were none. */
function pastOf(timeMs: number | null, nowMs: number): number {
  return timeMs === null || timeMs > nowMs ? -Infinity : timeMs;
}
