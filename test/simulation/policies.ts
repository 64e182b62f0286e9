import {
  baseIntervalMs,
  nextPollInMs,
  shortestSpacingMs,
  type PaceSettings,
  type PolledWindow,
} from '../../src/pipeline/pace.ts';

/** When the account is polled. */
export interface Policy {
  readonly name: string;
  /** A heartbeat comes so often, whatever happens. */
  readonly heartbeatMs: number;
  /** A turn that comes sooner after the last poll began is left out. */
  readonly leastMs: number;
  /** When the next poll is due, from when this one began. */
  readonly nextPollInMs: (
    polled: PolledWindow,
    sinceLastPollMs: number | null,
    slotsOfOthers: number,
  ) => number;
}

/** The same interval always. */
export function fixedInterval(intervalMs: number): Policy {
  const name = `every ${intervalMs / 1000} s`;
  return { name, heartbeatMs: intervalMs, leastMs: 0, nextPollInMs: () => intervalMs };
}

/** What the relay does: src/pipeline/pace.ts. */
export function adaptive(settings: PaceSettings): Policy {
  const heartbeatMs = baseIntervalMs(settings);
  return {
    name: `adaptive, ${settings.intervalMs / 1000} s`,
    heartbeatMs,
    // As src/app/polling.ts has it.
    leastMs: 0.9 * Math.min(shortestSpacingMs(settings), heartbeatMs),
    nextPollInMs: (polled, sinceLastPollMs, slotsOfOthers) =>
      nextPollInMs(polled, sinceLastPollMs, settings, slotsOfOthers),
  };
}
