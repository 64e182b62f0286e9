import {
  baseIntervalMs,
  isBusy,
  minSpacingMs,
  pollAfterFailureInMs,
  pollBetweenInMs,
  type PaceSettings,
  type PolledWindow,
} from '../../src/polling/poll-times.ts';

/** When the account is polled. */
export interface Policy {
  readonly name: string;
  /** A heartbeat comes so often, whatever happens. */
  readonly heartbeatMs: number;
  /** A turn that comes sooner after the last poll began is left out. */
  readonly minSpacingMs: (turn: 'heartbeat' | 'between') => number;
  /** When one more poll is due before a heartbeat, from when this one began; null if none is. */
  readonly pollBetweenInMs: (
    polled: PolledWindow,
    sinceLastPollMs: number | null,
    slotsOfOthers: number,
  ) => number | null;
  /** The same after a poll that failed, by when the last one in between was due. */
  readonly pollAfterFailureInMs: (lastPaceMs: number | null) => number | null;
  /** Whether the polls that follow need the budget, so that sweeps may have only a tenth of it. */
  readonly isBusy: (polled: PolledWindow) => boolean;
}

/** The same interval always. */
export function fixedInterval(intervalMs: number): Policy {
  const name = `every ${intervalMs / 1000} s`;
  return {
    name,
    heartbeatMs: intervalMs,
    minSpacingMs: () => 0,
    pollBetweenInMs: () => null,
    pollAfterFailureInMs: () => null,
    isBusy: () => false,
  };
}

/** What the relay does: src/polling/poll-times.ts. */
export function adaptive(settings: PaceSettings): Policy {
  const heartbeatMs = baseIntervalMs(settings);
  return {
    name: `adaptive, ${settings.intervalMs / 1000} s`,
    heartbeatMs,
    minSpacingMs: (turn) => minSpacingMs(settings, turn),
    pollBetweenInMs: (polled, sinceLastPollMs, slotsOfOthers) =>
      pollBetweenInMs(polled, sinceLastPollMs, settings, slotsOfOthers),
    pollAfterFailureInMs: (lastPaceMs) => pollAfterFailureInMs(lastPaceMs, settings),
    isBusy,
  };
}
