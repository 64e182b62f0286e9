import { messageIdOf, type Delivery } from '../../domain/delivery.ts';
import { digest } from '../../domain/mention.ts';
import type { Acceptance } from '../webhook-type.ts';
import { eventOf } from './http-event.ts';
import {
  jsonHeaders,
  pingText,
  type RequestContext,
  type WebhookRequest,
  type WebhookType,
} from '../webhook-type.ts';
import { signatureHeaders } from './standard-webhooks.ts';

/** Any receiver that takes JSON by the Standard Webhooks specification. */
export const httpWebhook: WebhookType = {
  name: 'http',
  batched: ['mention'],
  request: formatHttp,
  accepted: acceptedByReceiver,
  preview: (delivery) => JSON.stringify(eventOf([delivery]), null, 2).split('\n'),
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
      message: pingText(context.webhook),
    },
  });
  return signed(body, pingId(name, context.nowMs), context);
}

/**
 * The event of these deliveries with the Standard Webhooks headers of this attempt. The body is the
 * same over all attempts; only the time and the signature of the headers change.
 */
export function formatHttp(
  deliveries: readonly Delivery[],
  context: RequestContext,
): WebhookRequest {
  const body = JSON.stringify(eventOf(deliveries));
  return signed(body, messageIdOf(deliveries.map(({ key }) => key)), context);
}

/** Different for every ping, as ids of messages have to be. */
function pingId(webhook: string, nowMs: number): string {
  return `msg_${digest(`test.ping ${webhook} ${nowMs}`)}`;
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
