import { messageId } from '../domain/delivery.ts';
import type { Delivery } from '../domain/delivery.ts';
import { jsonHeaders } from './request-headers.ts';
import { signatureHeaders } from './standard-webhooks.ts';
import type { RequestContext, WebhookRequest, WebhookType } from './webhook-type.ts';

// RFC 3339, which JSON Schema's `date-time` follows, knows the years 0000 to 9999.
const FIRST_TIME_MS = Date.parse('0000-01-01T00:00:00Z');
const LAST_TIME_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Any receiver that takes JSON by the Standard Webhooks specification. */
export const httpWebhook: WebhookType = {
  name: 'http',
  request: formatHttp,
  accepted: (status) =>
    status >= 200 && status < 300
      ? { accepted: true }
      : { accepted: false, reason: `status ${status}` },
};

/**
 * A `mention.created` event as docs/schemas/mention.created.json describes it, with the Standard
 * Webhooks headers of this attempt. `data` is the mention just as the API gave it. The body is the
 * same over all attempts; only the time and the signature of the headers change.
 */
export function formatHttp(delivery: Delivery, context: RequestContext): WebhookRequest {
  const { mention, polledAtMs } = delivery;
  const body = JSON.stringify({
    type: 'mention.created',
    timestamp: new Date(readableTime(mention.spottedAtMs) ?? polledAtMs).toISOString(),
    data: mention.raw,
  });
  return {
    body,
    headers: {
      ...jsonHeaders(context),
      ...signatureHeaders({
        messageId: messageId(delivery.key),
        timestampSeconds: Math.floor(context.nowMs / 1000),
        body,
        secrets: context.webhook.signingSecrets,
      }),
    },
  };
}

function readableTime(timeMs: number | null): number | null {
  return timeMs !== null && timeMs >= FIRST_TIME_MS && timeMs <= LAST_TIME_MS ? timeMs : null;
}
