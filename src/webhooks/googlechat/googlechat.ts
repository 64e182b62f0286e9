import type { Delivery } from '../../domain/delivery.ts';
import { objectInJson, objectOf } from '../../domain/foreign/foreign-values.ts';
import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import { escapeHtml, htmlLink } from '../html-text.ts';
import { countWords, NEW_MENTION, type AnyMention } from '../mention-words.ts';
import { httpLink } from '../readable-text.ts';
import {
  jsonRequest,
  pingText,
  whomToPing,
  type Acceptance,
  type ProbeReading,
  type WebhookType,
  type DigestForm,
} from '../webhook-type.ts';
import {
  textMessage,
  widgetAsText,
  cardMessage,
  MAX_BYTES,
  paragraph,
  type ChatWidget,
} from './googlechat-cards.ts';
import { chatSection, formatGoogleChat, formatGoogleChatSimplified } from './googlechat-message.ts';

/*
 * Webhooks of Google Chat: where messages go, how answers are read, and what `check` asks.
 * googlechat-message.ts holds the words and layout of a message, googlechat-cards.ts the parts that it
 * is built of.
 *
 * Source: developers.google.com/workspace/chat/quickstart/webhooks.
 */

/** The digest of Google Chat. A card has 100 widgets at most. */
const googlechatDigest: DigestForm = {
  maxSize: 90,
  fitting: (mentions) =>
    fittingCount(mentions, (some) => Buffer.byteLength(formatDigest(some)) <= MAX_BYTES),
  request: (mentions, context) => jsonRequest(formatDigest(mentions), context),
  preview: (mention) => digestWidgets([mention]).flatMap(widgetAsText),
};

function formatDigest(mentions: readonly AnyMention[]): string {
  return cardMessage(countWords(mentions), [{ widgets: digestWidgets(mentions) }], null);
}

function digestWidgets(mentions: readonly AnyMention[]): readonly ChatWidget[] {
  return [paragraph(countWords(mentions)), ...mentions.map(paragraphOf)];
}

const paragraphOf = perMention((mention) => {
  const link = httpLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: link !== null, escape: escapeHtml });
  const title = keyword === '' ? NEW_MENTION : `<b>${keyword}</b>`;
  return paragraph(`${title}${rest}${link === null ? '' : ` ${htmlLink(link, 'Open post')}`}`);
});

export const googlechatWebhook: WebhookType = {
  name: 'googlechat',
  batched: ['mention', 'recovered'],
  // Without it, every message starts a thread, whatever key it has.
  endpoint: (url) => {
    const endpoint = new URL(url);
    if (!endpoint.searchParams.has('messageReplyOption')) {
      endpoint.searchParams.set('messageReplyOption', 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD');
    }
    return endpoint;
  },
  request: (deliveries, context) =>
    jsonRequest(formatGoogleChat(deliveries, whomToPing(deliveries, context)), context),
  simplified: (deliveries, context) => jsonRequest(formatGoogleChatSimplified(deliveries), context),
  accepted: acceptedByGoogleChat,
  preview: googleChatAsText,
  digest: googlechatDigest,
  ping: (context) => jsonRequest(textMessage(pingText(context.webhook)), context),
  // A message without content. A webhook that exists refuses it, and nobody sees it. No question is
  // documented that leaves nothing: another answer is unclear.
  probe: {
    method: 'POST',
    request: (context) => jsonRequest('{}', context),
    read: readProbe,
  },
  renewal: 'make a new webhook in the Google Chat space',
};

// github.com/googleapis/googleapis, google/rpc/code.proto.
const CODES: ReadonlySet<unknown> = new Set([
  'INVALID_ARGUMENT',
  'FAILED_PRECONDITION',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'RESOURCE_EXHAUSTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
]);

function acceptedByGoogleChat(status: number, body: string): Acceptance {
  if (status >= 200 && status < 300) return { accepted: true };
  const code = objectOf(objectInJson(body)?.['error'])?.['status'];
  // A wrong key is a 400, like a wrong message: google/api/error_reason.proto.
  if (status === 400 && body.includes('"API_KEY_INVALID"')) {
    return { accepted: false, reason: 'status 400: api_key_invalid', meantStatus: 403 };
  }
  const word = CODES.has(code) ? `: ${String(code).toLowerCase()}` : '';
  return { accepted: false, reason: `status ${status}${word}` };
}

function readProbe(status: number, body: string): ProbeReading {
  const acceptance = acceptedByGoogleChat(status, body);
  if (acceptance.accepted) {
    return { kind: 'unclear', reason: `status ${status}: it may not be Google Chat` };
  }
  const { reason, meantStatus = status } = acceptance;
  if (meantStatus === 400 && /message cannot be empty/i.test(body)) return { kind: 'there' };
  const isGone = [401, 403, 404, 410].includes(meantStatus);
  return { kind: isGone ? 'gone' : 'unclear', reason };
}

/** Shows a delivery's card as lines of text. Foreign text in it is as hostile as in the mention. */
export function googleChatAsText(delivery: Delivery): string[] {
  return chatSection(delivery).widgets.flatMap(widgetAsText);
}
