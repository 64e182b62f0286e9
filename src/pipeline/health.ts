/** What health is judged by. */
export interface HealthSettings {
  readonly intervalMs: number;
  readonly requestsPerWindow: number;
  readonly windowMs: number;
}

const MISSED_POLLS = 3;
// One poll with its retries may take this long without anything being wrong.
const LEAST_PATIENCE_MS = 30_000;

/**
 * Whether a relay polls as it should: its last successful poll is no older than three polls take,
 * at the interval or, where the budget allows fewer, at the budget's own pace. No further in the
 * future either: where a clock was set back, it would look healthy until that time has come.
 */
export function pollsInTime(
  lastPollAtMs: number | null,
  nowMs: number,
  { intervalMs, requestsPerWindow, windowMs }: HealthSettings,
): boolean {
  if (lastPollAtMs === null) return false;
  const paceMs = Math.max(intervalMs, windowMs / requestsPerWindow);
  return Math.abs(nowMs - lastPollAtMs) <= Math.max(MISSED_POLLS * paceMs, LEAST_PATIENCE_MS);
}
