import {
  messageId,
  messageIdOf,
  type Delivery,
  type MentionDelivery,
} from '../../domain/delivery.ts';
import { digest, type MentionKey } from '../../domain/mention.ts';
import type { Template } from '../../domain/template.ts';
import { filledTemplate } from '../filled-template.ts';
import { WEBHOOK_TYPES } from '../../domain/webhook.ts';
import {
  jsonHeaders,
  jsonRequest,
  pingText,
  type Acceptance,
  type RequestContext,
  type WebhookRequest,
  type WebhookType,
} from '../webhook-type.ts';
import { digestOf, eventJson, eventOf } from './http-event.ts';
import { signatureHeaders } from './standard-webhooks.ts';

/*
 * Webhooks of any receiver that takes JSON by the Standard Webhooks specification: how requests are
 * put together, how answers are read, and what `check` asks. http-event.ts holds the JSON of an
 * event, standard-webhooks.ts the signature, ../filled-template.ts the JSON of an operator's own.
 */

export const httpWebhook: WebhookType = {
  name: 'http',
  batched: ['mention'],
  request: formatHttp,
  accepted: acceptedByReceiver,
  preview: (delivery, { template }) =>
    (template === null
      ? JSON.stringify(JSON.parse(eventJson(eventOf([delivery]))), null, 2)
      : bodyOf([delivery], { ...template, text: template.shown })
    ).split(/\r?\n/),
  digest: {
    maxSize: WEBHOOK_TYPES.http.maxBatchSize,
    // A receiver that takes fewer answers 413, and they are halved.
    fitting: (mentions) => mentions.length,
    request: formatDigest,
    preview: (mention) =>
      JSON.stringify(JSON.parse(eventJson(digestOf([mention]))), null, 2).split('\n'),
  },
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

/**
 * Builds a `test.ping` event (docs/schemas/test.ping.json), signed like every other. A receiver with a
 * template gets a mention instead, as it takes nothing else.
 */
function formatPing(context: RequestContext): WebhookRequest {
  const { name, template } = context.webhook;
  const key = digest(`test.ping ${name} ${context.nowMs}`) as MentionKey;
  const event = {
    type: 'test.ping',
    timestamp: new Date(context.nowMs).toISOString(),
    data: { webhook: name, message: pingText(context.webhook) },
  };
  const body =
    template === null ? JSON.stringify(event) : bodyOf([testMention(context, key)], template);
  return signed(body, messageId(key), context);
}

/** Returns a mention with a value in every field. */
function testMention({ webhook, nowMs }: RequestContext, key: MentionKey): MentionDelivery {
  const [id, name, link] = ['0', 'mention-relay', 'https://facebook.com/'];
  const mention = {
    id,
    keyword: 'test.ping',
    position: 'post',
    content: pingText(webhook),
    link,
    owner: { id, name, link },
    group: { id, name },
    spottedAtMs: nowMs,
    raw: {},
  };
  const others = [{ ...mention, group: { id, name: 'another group' } }];
  return { kind: 'mention', webhook: webhook.name, key, mention, others, polledAtMs: nowMs };
}

/**
 * Builds the event of these deliveries with the Standard Webhooks headers of this attempt. The body
 * is the same in all attempts; only the time and the signature in the headers change.
 */
export function formatHttp(
  deliveries: readonly Delivery[],
  context: RequestContext,
): WebhookRequest {
  const body = bodyOf(deliveries, context.webhook.template);
  return signed(body, messageIdOf(deliveries.map(({ key }) => key)), context);
}

function formatDigest(mentions: readonly Delivery[], context: RequestContext): WebhookRequest {
  const body = eventJson(digestOf(mentions));
  return signed(body, messageIdOf(mentions.map(({ key }) => key)), context);
}

/** Returns the event of these deliveries, or a mention in the form of the webhook's template. */
function bodyOf(deliveries: readonly Delivery[], template: Template | null): string {
  const [only] = deliveries;
  // An alert may have been queued before there was a template.
  return template === null || only === undefined || deliveries.length > 1 || only.kind === 'alert'
    ? eventJson(eventOf(deliveries))
    : filledTemplate(template.text, only, eventOf(deliveries).timestamp);
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
