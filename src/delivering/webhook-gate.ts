import type { MentionKey } from '../domain/mention.ts';

/**
 * What stands between a delivery and its webhook, over all replicas: the ledger of what the webhook
 * has accepted, the pause that it asked for, the breaker that holds it while it fails, and its pace.
 */
export interface WebhookGate {
  /** Whether an attempt with these mentions may be made. */
  admit(webhook: string, keys: readonly MentionKey[], turn: GateClaim): Promise<Admission>;
  /** The webhook accepted these: they are in the ledger, and a breaker that held it lets go. */
  accepted(webhook: string, keys: readonly MentionKey[]): Promise<Released>;
  /** An attempt failed. Enough of them in a row, or a failed probe, hold the webhook. */
  refused(webhook: string, options: { readonly probe: boolean }): Promise<Held>;
  /** The webhook asked to be left alone. A longer pause that is under way stays. */
  pause(webhook: string, durationMs: number): Promise<void>;
  /** Ends a hold and a pause by hand. */
  release(webhook: string): Promise<Released>;
  /** Whether it is held or paused now. Changes nothing. */
  status(webhook: string): Promise<GateStatus>;
}

/**
 * Whether an attempt asks for the first time, or again after it has waited for its moment in the
 * webhook's pace; `probing` if it was told then that it is the probe.
 */
export type GateClaim = 'reserve' | 'reserved' | 'probing';

/** The gate's answer. */
export type Admission =
  | {
      readonly kind: 'go';
      /** Those of the mentions, by their index, that the webhook has accepted before. */
      readonly delivered: readonly number[];
      /** This attempt is the one that finds out whether a held webhook is back. */
      readonly probe: boolean;
      /** Not before this long from now: the pace. If it is not 0, ask again then. */
      readonly afterMs: number;
    }
  | {
      readonly kind: 'wait';
      readonly waitMs: number;
      readonly because: 'held' | 'paused' | 'probed';
    };

/** Whether a webhook is held or paused; null is what it is not. */
export interface GateStatus {
  /** For how long it has been held. It is until a delivery is accepted, also between two probes. */
  readonly heldForMs: number | null;
  /** How much longer it asked to be left alone. */
  readonly pausedForMs: number | null;
}

/** How long the webhook had been held, if it was. */
export type Released = { readonly heldForMs: number | null };

/** Whether the webhook is held now, and if this failure began it. */
export type Held = {
  readonly holdMs: number | null;
  readonly begins: boolean;
  readonly failuresInARow: number;
};
