import type { DueDelivery, UnreadableDelivery } from '../queues/taken-deliveries.ts';
import type { AttemptResult, Verdict } from '../domain/delivery.ts';
import type { Held, Released } from './gate/webhook-gate.io.ts';

/** Events of deliveries and their webhooks, for the log, the metrics and the summary. */
export interface DeliveryEvents {
  /**
   * One POST, with one mention or a batch. A POST that the relay itself aborted is not an event.
   */
  attempted(webhook: string, result: AttemptResult, verdict: Verdict): void;
  repeated(item: DueDelivery): void;
  succeeded(item: DueDelivery, result: AttemptResult, batchSize: number): void;
  retrying(item: DueDelivery, result: AttemptResult, reason: string, retryInMs: number): void;
  /** `gone` is true if it failed because the URL of its webhook is gone. */
  failed(item: DueDelivery, result: AttemptResult, reason: string, gone?: boolean): void;
  unreadable(delivery: UnreadableDelivery): void;
  unrecorded(webhook: string, deliveries: number): void;
  /** `waitMs` is null if the webhook is paused until it is resumed. */
  paused(webhook: string, due: readonly DueDelivery[], reason: string, waitMs: number | null): void;
  held(webhook: string, reason: string, held: Held): void;
  probeFailed(webhook: string, due: readonly DueDelivery[], reason: string, holdMs: number): void;
  released(webhook: string, released: Released): void;
}

/** Listens to the events that it has a method for. */
export type DeliveryListener = Partial<DeliveryEvents>;

/** Passes each event to every listener, in their order. They must not throw. */
export function notifyAll(listeners: readonly DeliveryListener[]): DeliveryEvents {
  return {
    attempted: (...event) => listeners.forEach((each) => each.attempted?.(...event)),
    repeated: (...event) => listeners.forEach((each) => each.repeated?.(...event)),
    succeeded: (...event) => listeners.forEach((each) => each.succeeded?.(...event)),
    retrying: (...event) => listeners.forEach((each) => each.retrying?.(...event)),
    failed: (...event) => listeners.forEach((each) => each.failed?.(...event)),
    unreadable: (...event) => listeners.forEach((each) => each.unreadable?.(...event)),
    unrecorded: (...event) => listeners.forEach((each) => each.unrecorded?.(...event)),
    paused: (...event) => listeners.forEach((each) => each.paused?.(...event)),
    held: (...event) => listeners.forEach((each) => each.held?.(...event)),
    probeFailed: (...event) => listeners.forEach((each) => each.probeFailed?.(...event)),
    released: (...event) => listeners.forEach((each) => each.released?.(...event)),
  };
}
