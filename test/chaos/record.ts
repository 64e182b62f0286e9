import type { Fault, Lane } from './plan.ts';

/** The end of one POST, as its receiver saw it. */
export type PostEnd =
  /** It took the mentions and answered so. */
  | 'accepted'
  /** It answered that it did not take them: 500 or 429. */
  | 'refused'
  /** It took them, and its own fault kept the answer back: a reset or a hang. */
  | 'unanswered'
  /** It took them, and the sender was gone before the answer. */
  | 'gone';

/** One POST as its receiver saw it, in milliseconds since the start. */
export interface Post {
  readonly receiver: string;
  /** When its body was complete. */
  readonly atMs: number;
  /** When it was answered or its connection ended. */
  readonly endedAtMs: number;
  readonly end: PostEnd;
  /** The ids of its mentions. */
  readonly mentions: readonly string[];
}

/** A line in a relay's log: it has recorded a delivery as accepted. */
export interface Recorded {
  readonly receiver: string;
  readonly mention: string;
  readonly atMs: number;
}

/** Everything that happened in a run, in milliseconds since its start. */
export interface RunRecord {
  readonly seed: number;
  readonly lanes: readonly Lane[];
  readonly receivers: readonly string[];
  /** The faults as they happened. A kill lasts until the replica is started again. */
  readonly faults: readonly Fault[];
  readonly mentions: readonly { readonly id: string; readonly spottedAtMs: number }[];
  readonly posts: readonly Post[];
  readonly recorded: readonly Recorded[];
  readonly api: {
    readonly requests: number;
    readonly budget: number;
    /** The most that arrived in any 60 seconds. */
    readonly busiestMinute: number;
    /** Requests refused by the API's own limit. */
    readonly refused: number;
  };
  readonly faultsEndedAtMs: number;
  /** When nothing was left to deliver; null if that took too long. */
  readonly drainedAtMs: number | null;
  /** Events that must never happen: a relay ended by itself or did not stop cleanly. */
  readonly mishaps: readonly string[];
}
