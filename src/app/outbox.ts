import type { KnownWebhooks } from '../adapters/known-webhooks.ts';
import type { RecentAlerts } from '../adapters/recent-alerts.ts';
import type { Alert } from '../domain/alert.ts';
import type { Delivery } from '../domain/delivery.ts';
import { alertDeliveries } from '../pipeline/alert-deliveries.ts';
import type { Parts } from './parts.ts';

/** Where deliveries are put to be sent. All resolve when Redis has acknowledged them. */
export interface Outbox {
  /** To one webhook, in this order. */
  readonly enqueue: (webhook: string, deliveries: readonly Delivery[]) => Promise<void>;
  /** To whichever webhook each is for, in this order. */
  readonly put: (deliveries: readonly Delivery[]) => Promise<void>;
  /** To every webhook that wants alerts, unless one with the same cause was sent within the hour. */
  readonly alert: (alert: Alert) => Promise<void>;
}

/** The queues of all webhooks. */
export function createOutbox(
  { config, queues }: Pick<Parts, 'config' | 'queues'>,
  knownWebhooks: KnownWebhooks,
  recent: RecentAlerts,
): Outbox {
  async function enqueue(webhook: string, deliveries: readonly Delivery[]): Promise<void> {
    await knownWebhooks.add(webhook);
    await queues.enqueue(webhook, deliveries);
  }
  async function put(deliveries: readonly Delivery[]): Promise<void> {
    for (const [webhook, own] of Map.groupBy(deliveries, (delivery) => delivery.webhook)) {
      await enqueue(webhook, own);
    }
  }
  return {
    enqueue,
    put,
    async alert(alert) {
      if (await recent.has(alert)) return;
      await put(alertDeliveries(config.webhooks, alert));
      await recent.add(alert);
    },
  };
}
