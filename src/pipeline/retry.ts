const JITTER = 0.2;

/**
 * How long to wait before the next attempt, in milliseconds, after attempt `attempt` (from 1) has
 * failed; null when the schedule has run out. Each delay is spread by +-20 %, so that what failed
 * together does not come back together.
 *
 * @param random - a number from 0 up to, but not including, 1
 */
export function retryDelayMs(
  scheduleMs: readonly number[],
  attempt: number,
  random: number,
): number | null {
  const delayMs = scheduleMs[attempt - 1];
  if (delayMs === undefined) return null;
  return Math.round(delayMs * (1 - JITTER + 2 * JITTER * random));
}
