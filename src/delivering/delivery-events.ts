import type { DueDelivery } from '../queues/delivery-jobs.ts';
import type { AttemptResult, Verdict } from '../domain/delivery.ts';
import type { Held, Released } from './gate/webhook-gate.ts';

/** What is told of deliveries and their webhooks, as it happens. */
export interface DeliveryEvents {
  /** One POST, with one mention or a batch. One that the relay itself broke off is not told. */
  attempted(webhook: string, result: AttemptResult, verdict: Verdict): void;
  repeated(item: DueDelivery): void;
  succeeded(item: DueDelivery, result: AttemptResult, batchSize: number): void;
  retrying(item: DueDelivery, result: AttemptResult, reason: string, retryInMs: number): void;
  failed(item: DueDelivery, result: AttemptResult, reason: string): void;
  unrecorded(webhook: string, deliveries: number): void;
  paused(webhook: string, due: readonly DueDelivery[], reason: string, waitMs: number): void;
  held(webhook: string, reason: string, held: Held): void;
  probeFailed(webhook: string, due: readonly DueDelivery[], reason: string, holdMs: number): void;
  released(webhook: string, released: Released): void;
}

/** Listens to those of the events that it has a method for. */
export type DeliveryListener = Partial<DeliveryEvents>;

/** Tells each event to every listener, in their order. They must not throw. */
export function notifyAll(listeners: readonly DeliveryListener[]): DeliveryEvents {
  return {
    attempted: (...told) => listeners.forEach((each) => each.attempted?.(...told)),
    repeated: (...told) => listeners.forEach((each) => each.repeated?.(...told)),
    succeeded: (...told) => listeners.forEach((each) => each.succeeded?.(...told)),
    retrying: (...told) => listeners.forEach((each) => each.retrying?.(...told)),
    failed: (...told) => listeners.forEach((each) => each.failed?.(...told)),
    unrecorded: (...told) => listeners.forEach((each) => each.unrecorded?.(...told)),
    paused: (...told) => listeners.forEach((each) => each.paused?.(...told)),
    held: (...told) => listeners.forEach((each) => each.held?.(...told)),
    probeFailed: (...told) => listeners.forEach((each) => each.probeFailed?.(...told)),
    released: (...told) => listeners.forEach((each) => each.released?.(...told)),
  };
}
