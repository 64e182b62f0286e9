import type { Trouble, TroubleAlert } from '../domain/alert.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import type { WebhookStatus } from './relay-status.io.ts';

const ALERT_AFTER_MS = 900_000;

/**
 * Returns an alert for each webhook whose URL is gone, or that has been held for 15 minutes or more.
 * Omits webhooks that receive only alerts (an alert about undeliverable alerts helps nobody), and holds
 * of webhooks that are closed.
 */
export function heldWebhooks(
  webhooks: readonly Pick<Webhook, 'name' | 'events'>[],
  statuses: readonly Pick<WebhookStatus, 'webhook' | Facts>[],
  nowMs: number,
): readonly TroubleAlert[] {
  return webhooks
    .filter((webhook) => wantsMentions(webhook))
    .flatMap(({ name }) => {
      const trouble = troubleOf(statuses.find(({ webhook }) => webhook === name));
      return trouble === null
        ? []
        : [{ type: 'relay.trouble', trouble, webhook: name, foundAtMs: nowMs }];
    });
}

type Facts = 'heldForMs' | 'gone' | 'closedForMs';

function troubleOf(status: Pick<WebhookStatus, Facts> | undefined): Trouble | null {
  if (status?.gone) return 'webhook_gone';
  if (status === undefined || status.closedForMs !== null) return null;
  return (status.heldForMs ?? 0) >= ALERT_AFTER_MS ? 'webhook_held' : null;
}
