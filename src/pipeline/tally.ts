import type { DeliveryListener } from './delivery-events.ts';

/** What happened since the last summary. */
export interface TallyCounts {
  readonly polls: number;
  readonly pollsFailed: number;
  readonly newMentions: number;
  readonly delivered: number;
  readonly retried: number;
  readonly failed: number;
  readonly gaps: number;
  readonly recovered: number;
}

/** Counts events between two summaries, in this process alone. */
export interface Tally {
  readonly count: (what: keyof TallyCounts, by?: number) => void;
  /** The counts so far; counting starts anew. */
  readonly take: () => TallyCounts;
}

/** A tally that starts at nought. */
export function createTally(): Tally {
  const none = {
    polls: 0,
    pollsFailed: 0,
    newMentions: 0,
    delivered: 0,
    retried: 0,
    failed: 0,
    gaps: 0,
    recovered: 0,
  };
  let counts = { ...none };
  return {
    count(what, by = 1) {
      counts[what] += by;
    },
    take() {
      const taken = counts;
      counts = { ...none };
      return taken;
    },
  };
}

/** Counts deliveries: those that a webhook took, those that come back, those that failed for good. */
export function tallyDeliveries(tally: Tally): DeliveryListener {
  return {
    succeeded: () => tally.count('delivered'),
    retrying: () => tally.count('retried'),
    failed: () => tally.count('failed'),
  };
}
