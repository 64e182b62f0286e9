import type { Mention } from '../domain/mention.ts';

/** A mention in the history, with what became of it. */
export interface KeptMention {
  /**
   * A recovered one has no id, position and content; its `raw` is the post as the API gave it, so
   * `parseRecoveredMention(raw, group)` reads it.
   */
  readonly mention: Mention;
  readonly keptAtMs: number;
  /** Found by a sweep. */
  readonly recovered: boolean;
  /** The identity of the mention whose message lists it or was queued before; null if it is none's copy. */
  readonly mergedInto: string | null;
  /** Oldest first. A webhook has several after a retry by hand. */
  readonly ends: readonly KeptEnd[];
}

/** The end of a delivery of a kept mention. */
export interface KeptEnd {
  readonly webhook: string;
  readonly outcome: 'delivered' | 'failed' | 'discarded';
  readonly atMs: number;
  readonly attempts: number;
  /** The HTTP status of the last attempt; null without an answer. */
  readonly status: number | null;
}
