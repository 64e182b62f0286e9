import type { MentionKey } from '../../domain/mention.ts';

/**
 * Stands between a delivery and its webhook, over all replicas: the ledger of accepted deliveries,
 * the pause that the webhook asked for, the breaker that holds it while it fails, and its pace.
 */
export interface WebhookGate {
  /**
   * Returns for how long no attempt may be made, in milliseconds: because of a pause, the breaker, a
   * probe that is under way, or the pace. 0 if one may be made now. Changes nothing.
   */
  closedForMs(webhook: string): Promise<number>;
  /**
   * Claims an attempt for each of these runs of deliveries, in one call. The answers are in their
   * order.
   */
  claim(
    webhook: string,
    runs: readonly (readonly MentionKey[])[],
    claim: GateClaim,
  ): Promise<readonly Admission[]>;
  /** Records accepted deliveries in the ledger, and closes a breaker that held the webhook. */
  accepted(webhook: string, keys: readonly MentionKey[]): Promise<Released>;
  /** Records a failed attempt. Enough of them in a row, or a failed probe, hold the webhook. */
  refused(webhook: string, options: { readonly probe: boolean }): Promise<Held>;
  /** Pauses a webhook that asked for it. A longer pause stays. */
  pause(webhook: string, durationMs: number): Promise<void>;
  /** Ends a hold and a pause for an operator. */
  release(webhook: string): Promise<Released>;
  /** Reads whether the webhook is held or paused now. Changes nothing. */
  status(webhook: string): Promise<GateStatus>;
}

/**
 * The claim of an attempt: `reserve` asks for the next moment of the webhook's pace, `reserved` asks
 * again when that moment has come, and `probing` does so for the attempt that probes.
 */
export type GateClaim = 'reserve' | 'reserved' | 'probing';

/** The gate's answer to a claim. */
export type Admission =
  | {
      readonly kind: 'go';
      /** The deliveries of the run, by index, that the webhook has accepted before. */
      readonly delivered: readonly number[];
      /** True if this attempt finds out whether a held webhook is back. */
      readonly probe: boolean;
      /** The pace allows the attempt in so many milliseconds. If it is not 0, claim again then. */
      readonly afterMs: number;
    }
  | { readonly kind: 'wait' };

/** The status of a gate; null where the webhook is not held, or not paused. */
export interface GateStatus {
  /** Time since the breaker opened. It stays held until a delivery is accepted. */
  readonly heldForMs: number | null;
  /** Time until the pause ends. */
  readonly pausedForMs: number | null;
}

/** Time for which the webhook had been held; null if it was not. */
export type Released = { readonly heldForMs: number | null };

/** The state of the breaker after a failed attempt. */
export type Held = {
  /** Time until the next probe; null if the webhook is not held. */
  readonly holdMs: number | null;
  /** True if this failure opened the breaker. */
  readonly begins: boolean;
  readonly failuresInARow: number;
};
