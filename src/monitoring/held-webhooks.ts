import type { TroubleAlert } from '../domain/alert.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import type { WebhookStatus } from './relay-status.io.ts';

const WORTH_AN_ALERT_MS = 900_000;

/**
 * An alert for each webhook that has been held for a quarter of an hour or more. That alerts can't
 * be delivered is itself no alert: one that gets nothing else is left out.
 */
export function heldWebhooks(
  webhooks: readonly Pick<Webhook, 'name' | 'events'>[],
  statuses: readonly Pick<WebhookStatus, 'webhook' | 'heldForMs'>[],
  nowMs: number,
): readonly TroubleAlert[] {
  const held = new Map(statuses.map(({ webhook, heldForMs }) => [webhook, heldForMs ?? 0]));
  return webhooks
    .filter((webhook) => wantsMentions(webhook))
    .filter(({ name }) => (held.get(name) ?? 0) >= WORTH_AN_ALERT_MS)
    .map(({ name }) => ({
      type: 'relay.trouble',
      trouble: 'webhook_held',
      webhook: name,
      foundAtMs: nowMs,
    }));
}
