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
  /** A turn that comes sooner after the last poll is left out. */
  readonly shortestMs: number;
  /** When the next poll is due, from when this one began. Null leaves it to the heartbeat. */
  readonly nextPollInMs: (
    polled: PolledWindow,
    sinceLastPollMs: number | null,
    slotsOfOthers: number,
  ) => number | null;
}

/** The same interval always. */
export function fixedInterval(intervalMs: number): Policy {
  const name = `every ${intervalMs / 1000} s`;
  return { name, heartbeatMs: intervalMs, shortestMs: 0, nextPollInMs: () => null };
}

/** What the relay does: src/pipeline/pace.ts. */
export function adaptive(settings: PaceSettings): Policy {
  return {
    name: `adaptive, ${settings.intervalMs / 1000} s`,
    heartbeatMs: baseIntervalMs(settings),
    shortestMs: shortestSpacingMs(settings),
    nextPollInMs: (polled, sinceMs, slotsOfOthers) =>
      nextPollInMs(polled, sinceMs, settings, slotsOfOthers),
  };
}
