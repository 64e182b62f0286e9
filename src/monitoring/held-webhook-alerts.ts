import type { TroubleAlert } from '../domain/alert.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import type { WebhookStatus } from './relay-status.io.ts';

const ALERT_AFTER_MS = 900_000;

/**
 * Returns an alert for each webhook that has been held for 15 minutes or more. Omits webhooks that
 * receive only alerts: an alert about undeliverable alerts helps nobody.
 */
export function heldWebhooks(
  webhooks: readonly Pick<Webhook, 'name' | 'events'>[],
  statuses: readonly Pick<WebhookStatus, 'webhook' | 'heldForMs'>[],
  nowMs: number,
): readonly TroubleAlert[] {
  const held = new Map(statuses.map(({ webhook, heldForMs }) => [webhook, heldForMs ?? 0]));
  return webhooks
    .filter((webhook) => wantsMentions(webhook))
    .filter(({ name }) => (held.get(name) ?? 0) >= ALERT_AFTER_MS)
    .map(({ name }) => ({
      type: 'relay.trouble',
      trouble: 'webhook_held',
      webhook: name,
      foundAtMs: nowMs,
    }));
}
