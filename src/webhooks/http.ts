import { createHash } from 'node:crypto';
import { messageIdOf, type Delivery } from '../domain/delivery.ts';
import type { Acceptance } from '../pipeline/verdict.ts';
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
  accepted: acceptedByReceiver,
  ping: formatPing,
  probe: {
    method: 'HEAD',
    request: (context) => ({ body: '', headers: jsonHeaders(context) }),
    // Many receivers take nothing but POST, and answer 404 to all else.
    read: (status) =>
      status < 300 || status === 405 || status === 501
        ? { kind: 'there' }
        : { kind: 'unclear', reason: `status ${status}` },
  },
};

function acceptedByReceiver(status: number, body: string, url: URL): Acceptance {
  if (status >= 200 && status < 300) return { accepted: true };
  return isFullQueueOfMake(status, body, url)
    ? { accepted: false, reason: `status ${status}: queue_is_full`, full: true }
    : { accepted: false, reason: `status ${status}` };
}

// hook.eu1.make.com and those of the other zones, hook.eu1.make.celonis.com and the like.
const MAKE_HOST = /^hook\.(?:[a-z0-9-]+\.)?make\.(?:celonis\.)?com\.?$/;

/**
 * Whether Make says that its queue for the webhook is full, because the scenario is slower than
 * what arrives: it does so with 400, which elsewhere means that the message is wrong. What it
 * refuses for the message's sake has another body.
 *
 * Source: apps.make.com/gateway; seen in the wild with a full stop at the end.
 */
function isFullQueueOfMake(status: number, body: string, { hostname }: URL): boolean {
  return status === 400 && MAKE_HOST.test(hostname) && /^Queue is full\.?$/.test(body.trim());
}

/** A `test.ping` event as docs/schemas/test.ping.json describes it, signed as every other. */
function formatPing(context: RequestContext): WebhookRequest {
  const { name } = context.webhook;
  const body = JSON.stringify({
    type: 'test.ping',
    timestamp: new Date(context.nowMs).toISOString(),
    data: {
      webhook: name,
      message: 'A test of mention-relay: mentions for this webhook will arrive here.',
    },
  });
  return signed(body, pingId(name, context.nowMs), context);
}

/**
 * A `mention.created` event as docs/schemas/mention.created.json describes it, or a
 * `mention.batch` after docs/schemas/mention.batch.json, with the Standard Webhooks headers of this
 * attempt. `data` holds the mentions just as the API gave them. The body is the same over all
 * attempts with these mentions; only the time and the signature of the headers change.
 */
export function formatHttp(
  deliveries: readonly Delivery[],
  context: RequestContext,
): WebhookRequest {
  const mentions = deliveries.map(({ mention }) => mention.raw);
  const [only] = mentions;
  const single = mentions.length === 1;
  const body = JSON.stringify({
    type: single ? 'mention.created' : 'mention.batch',
    // Of a batch, the time of its latest mention.
    timestamp: new Date(Math.max(...deliveries.map(timeOf))).toISOString(),
    data: single ? only : mentions,
  });
  return signed(body, messageIdOf(deliveries.map(({ key }) => key)), context);
}

/** Different for every ping, as ids of messages have to be. */
function pingId(webhook: string, nowMs: number): string {
  const hash = createHash('sha256').update(`test.ping ${webhook} ${nowMs}`).digest('base64url');
  return `msg_${hash.slice(0, 22)}`;
}

function signed(body: string, id: string, context: RequestContext): WebhookRequest {
  return {
    body,
    headers: {
      ...jsonHeaders(context),
      ...signatureHeaders({
        messageId: id,
        timestampSeconds: Math.floor(context.nowMs / 1000),
        body,
        secrets: context.webhook.signingSecrets,
      }),
    },
  };
}

/** When a mention was spotted; where that is unreadable, when it was polled. */
function timeOf({ mention: { spottedAtMs }, polledAtMs }: Delivery): number {
  const readable =
    spottedAtMs !== null && spottedAtMs >= FIRST_TIME_MS && spottedAtMs <= LAST_TIME_MS;
  return readable ? spottedAtMs : polledAtMs;
}
