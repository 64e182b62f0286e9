import type { Delivery } from '../../domain/delivery.ts';
import { objectInJson } from '../../domain/foreign/foreign-values.ts';
import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
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
import { ntfyJson, topicOf, fitsNtfy, type NtfyMessage } from './ntfy-json.ts';
import { formatNtfy, formatNtfySimplified, ntfyMessage } from './ntfy-message.ts';

/*
 * Topics of ntfy: where messages go, how answers are read, and what `check` asks. ntfy-message.ts
 * holds the words of a notification, ntfy-json.ts the form in which they are sent.
 *
 * The URL is that of the topic. JSON goes to the root of the server, and names the topic. Source:
 * docs.ntfy.sh/publish, "Publish as JSON".
 */

/** The digest of ntfy. */
const ntfyDigest: DigestForm = {
  maxSize: 40,
  fitting: (mentions, { url }) =>
    fittingCount(mentions, (some) => fitsNtfy(digestMessage(some), topicOf(url))),
  request: (mentions, context) =>
    jsonRequest(ntfyJson(digestMessage(mentions), topicOf(context.webhook.url)), context),
  preview: (mention) => {
    const { title, message } = digestMessage([mention]);
    return [title, ...message.split('\n')];
  },
};

function digestMessage(mentions: readonly AnyMention[]): NtfyMessage {
  return {
    title: countWords(mentions),
    message: mentions.map(lineOf).join('\n'),
    tags: ['speech_balloon'],
  };
}

const lineOf = perMention((mention) => {
  const link = httpLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: link !== null });
  return `• ${keyword || NEW_MENTION}${rest}${link === null ? '' : ` ${link}`}`;
});

export const ntfyWebhook: WebhookType = {
  name: 'ntfy',
  batched: ['mention', 'recovered'],
  endpoint: (url) => withPath(url, '/'),
  request: (deliveries, context) =>
    jsonRequest(
      formatNtfy(deliveries, topicOf(context.webhook.url), whomToPing(deliveries, context)),
      context,
    ),
  simplified: (deliveries, context) =>
    jsonRequest(formatNtfySimplified(deliveries, topicOf(context.webhook.url)), context),
  accepted: acceptedByNtfy,
  preview: ntfyAsText,
  digest: ntfyDigest,
  ping: (context) => {
    const { webhook } = context;
    const message = { title: 'mention-relay', message: pingText(webhook) };
    return jsonRequest(ntfyJson(message, topicOf(webhook.url)), context);
  },
  // docs.ntfy.sh/config, "Health checks". Only a message shows whether the topic may be written to.
  probe: {
    method: 'GET',
    endpoint: (url) => withPath(url, '/v1/health'),
    request: (context) => jsonRequest('', context),
    read: readProbe,
  },
};

/** Keeps the query, in which a token may stand. */
function withPath(url: URL, path: string): URL {
  const endpoint = new URL(url);
  endpoint.pathname = path;
  return endpoint;
}

interface KnownError {
  readonly word: string;
  /** The status of the same error elsewhere, if this one blames the message. */
  readonly meantStatus?: number;
  readonly waitMs?: number;
}

// A quota of a day ends at midnight UTC; a pause lasts an hour at most.
const QUOTA_PAUSE_MS = 3_600_000;

// github.com/binwiederhier/ntfy, server/errors.go.
const ERRORS: ReadonlyMap<unknown, KnownError> = new Map([
  [40009, { word: 'topic_invalid', meantStatus: 404 }],
  [40010, { word: 'topic_not_allowed', meantStatus: 404 }],
  [40017, { word: 'invalid_json' }],
  [40018, { word: 'invalid_actions' }],
  [40024, { word: 'invalid_json' }],
  [40101, { word: 'unauthorized' }],
  [40301, { word: 'forbidden' }],
  [41303, { word: 'message_too_large' }],
  [42901, { word: 'too_many_requests' }],
  [42904, { word: 'too_many_topics' }],
  [42908, { word: 'daily_quota_reached', waitMs: QUOTA_PAUSE_MS }],
  [42909, { word: 'too_many_wrong_tokens' }],
]);

function acceptedByNtfy(status: number, body: string): Acceptance {
  const answer = objectInJson(body) ?? {};
  const success = status >= 200 && status < 300;
  // Any other success is that of a web page or a proxy.
  if (success && answer['event'] === 'message') return { accepted: true };
  const { word, ...more } = ERRORS.get(answer['code']) ?? {};
  const reason = `status ${status}${success ? ', but not as ntfy answers: check the URL' : ''}`;
  return { accepted: false, reason: word === undefined ? reason : `${reason}: ${word}`, ...more };
}

function readProbe(status: number, body: string): ProbeReading {
  return status === 200 && objectInJson(body)?.['healthy'] === true
    ? { kind: 'there' }
    : { kind: 'unclear', reason: `status ${status}` };
}

/** Shows a delivery's message as lines of text. Foreign text in it is as hostile as in the mention. */
export function ntfyAsText(delivery: Delivery): string[] {
  const { title, message, actions = [] } = ntfyMessage(delivery);
  return [title, ...message.split('\n'), ...actions.map(({ label, url }) => `${label}: ${url}`)];
}
