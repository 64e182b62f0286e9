import { alertKey, type Alert } from '../domain/alert.ts';
import type { AlertDelivery } from '../domain/delivery.ts';
import { wantsAlerts, type Webhook } from '../domain/webhook.ts';

/**
 * An alert for each webhook that wants alerts, in their order; filters are for mentions, and keep
 * none away. That a webhook is held is told to the others. The same alert always gives the same
 * deliveries.
 */
export function alertDeliveries(
  webhooks: readonly Pick<Webhook, 'name' | 'events'>[],
  alert: Alert,
): readonly AlertDelivery[] {
  const key = alertKey(alert);
  return webhooks
    .filter((webhook) => wantsAlerts(webhook) && webhook.name !== aboutWebhook(alert))
    .map(({ name }) => ({ kind: 'alert', webhook: name, key, alert }));
}

function aboutWebhook(alert: Alert): string | null {
  return alert.type === 'relay.trouble' ? alert.webhook : null;
}
