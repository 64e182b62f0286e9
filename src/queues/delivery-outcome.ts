import type { Delivery } from '../domain/delivery.ts';

/** A delivery whose turn has come. */
export interface DueDelivery {
  readonly delivery: Delivery;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
}

/** How a delivery's turn ended, for the queue to act on. */
export type DeliveryOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly reason: string }
  /** Back to the head of the queue, which waits; no attempt is used up. */
  | { readonly kind: 'hold'; readonly waitMs: number }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The relay is stopping: back to the head of the queue, with no attempt used up. */
  | { readonly kind: 'interrupted' };

/**
 * How deliveries are told that the relay stops. From `begun` on no POST begins; those under way
 * may end. They are broken off when it is `overdue`.
 */
export interface Stopping {
  readonly begun: AbortSignal;
  readonly overdue: AbortSignal;
}
