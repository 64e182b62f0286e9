import { messageIdOf, type Delivery } from '../../domain/delivery.ts';
import { digest } from '../../domain/mention.ts';
import {
  jsonHeaders,
  jsonRequest,
  pingText,
  type Acceptance,
  type RequestContext,
  type WebhookRequest,
  type WebhookType,
} from '../webhook-type.ts';
import { eventJson } from './http-event.ts';
import { signatureHeaders } from './standard-webhooks.ts';

/*
 * Webhooks of any receiver that takes JSON by the Standard Webhooks specification: how requests are
 * put together, how answers are read, and what `check` asks. http-event.ts holds the JSON of an
 * event, standard-webhooks.ts the signature.
 */

export const httpWebhook: WebhookType = {
  name: 'http',
  batched: ['mention'],
  request: formatHttp,
  accepted: acceptedByReceiver,
  preview: (delivery) => JSON.stringify(JSON.parse(eventJson([delivery])), null, 2).split('\n'),
  ping: formatPing,
  probe: {
    method: 'HEAD',
    request: (context) => jsonRequest('', context),
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

// hook.eu1.make.com, other zones, and hook.eu1.make.celonis.com.
const MAKE_HOST = /^hook\.(?:[a-z0-9-]+\.)?make\.(?:celonis\.)?com\.?$/;

/**
 * Recognizes the answer of Make when its queue for the webhook is full, because the scenario is too
 * slow. Its status is 400, which elsewhere means a wrong message. Make refuses wrong messages with
 * another body.
 *
 * Source: apps.make.com/gateway; seen in the wild with a full stop at the end.
 */
function isFullQueueOfMake(status: number, body: string, { hostname }: URL): boolean {
  return status === 400 && MAKE_HOST.test(hostname) && /^Queue is full\.?$/.test(body.trim());
}

/** Builds a `test.ping` event (docs/schemas/test.ping.json), signed like every other. */
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
 * Builds the event of these deliveries with the Standard Webhooks headers of this attempt. The body
 * is the same in all attempts; only the time and the signature in the headers change.
 */
export function formatHttp(
  deliveries: readonly Delivery[],
  context: RequestContext,
): WebhookRequest {
  const body = eventJson(deliveries);
  return signed(body, messageIdOf(deliveries.map(({ key }) => key)), context);
}

/** Returns a unique id for a ping. */
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
