import type { Delivery } from '../../domain/delivery.ts';
import { objectInJson, objectOf } from '../../domain/foreign/foreign-values.ts';
import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import { htmlAsText, htmlLink, shownLength } from '../html-text.ts';
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
import { formatTelegram, formatTelegramSimplified, telegramHtml } from './telegram-message.ts';
import { escapeTelegram, telegramMessage, TEXT_LIMIT } from './telegram-text.ts';

/*
 * Chats of Telegram, by a bot: where messages go, how answers are read, and what `check` asks.
 * telegram-message.ts holds the words and layout of a message, telegram-text.ts the parts that it is
 * built of.
 *
 * The URL is that of the method `sendMessage`, with the bot's token in its path and the chat in its
 * query. Source: core.telegram.org/bots/api, "Making requests" and "sendMessage".
 */

/** The digest of Telegram. A line has two formatted parts; of more than 100, none would be shown. */
const telegramDigest: DigestForm = {
  maxSize: 45,
  fitting: (mentions) =>
    fittingCount(mentions, (some) => shownLength(digestHtml(some)) <= TEXT_LIMIT),
  request: (mentions, context) =>
    jsonRequest(telegramMessage(digestHtml(mentions), 'HTML'), context),
  preview: (mention) => htmlAsText(digestHtml([mention])),
};

function digestHtml(mentions: readonly AnyMention[]): string {
  return [countWords(mentions), ...mentions.map(lineOf)].join('\n');
}

const lineOf = perMention((mention) => {
  const link = httpLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: link !== null, escape: escapeTelegram });
  const title = keyword === '' ? NEW_MENTION : `<b>${keyword}</b>`;
  return `• ${title}${rest}${link === null ? '' : ` ${htmlLink(link, 'Open post')}`}`;
});

export const telegramWebhook: WebhookType = {
  name: 'telegram',
  batched: ['mention', 'recovered'],
  endpoint: withoutMessage,
  request: (deliveries, context) =>
    jsonRequest(formatTelegram(deliveries, whomToPing(deliveries, context)), context),
  simplified: (deliveries, context) => jsonRequest(formatTelegramSimplified(deliveries), context),
  accepted: acceptedByTelegram,
  preview: telegramAsText,
  digest: telegramDigest,
  ping: (context) => {
    const text = escapeTelegram(pingText(context.webhook));
    return jsonRequest(telegramMessage(text, 'HTML'), context);
  },
  // "getChat": it needs the same token and chat, and leaves nothing there.
  probe: {
    method: 'GET',
    endpoint: chatOf,
    request: (context) => jsonRequest('', context),
    read: readProbe,
  },
  renewal: 'let the bot write to the chat, or make a new token with @BotFather',
};

/** Parameters of the URL would come before those of the message, and undo its escaping. */
const OF_MESSAGE = [
  'text',
  'parse_mode',
  'entities',
  'link_preview_options',
  'disable_web_page_preview',
];

function withoutMessage(url: URL): URL {
  const endpoint = new URL(url);
  for (const name of OF_MESSAGE) endpoint.searchParams.delete(name);
  return endpoint;
}

function chatOf(url: URL): URL {
  const endpoint = new URL(url);
  endpoint.pathname = url.pathname.replace(/[^/]*\/*$/, 'getChat');
  endpoint.search = '';
  endpoint.searchParams.set('chat_id', url.searchParams.get('chat_id') ?? '');
  return endpoint;
}

// The answer repeats the message, with six bytes for each character beyond ASCII: only its beginning
// may be here.
const OK = /^\s*\{\s*"ok"\s*:\s*true\b/;

// The beginnings of descriptions, without the status in front. Telegram documents none, and says that
// they may change: those that are unknown count by their status. `elsewhere` means that no other
// message can be sent to the chat either, although the status blames the message.
const DESCRIPTIONS: readonly (readonly [RegExp, string, 'elsewhere'?])[] = [
  [/chat not found/, 'chat_not_found', 'elsewhere'],
  [/group chat was upgraded/, 'group_has_new_chat_id', 'elsewhere'],
  [/message thread not found|topic_deleted/, 'thread_not_found', 'elsewhere'],
  [/topic_closed/, 'thread_closed', 'elsewhere'],
  [/not enough rights|have no rights|need administrator rights/, 'no_rights', 'elsewhere'],
  [/chat_write_forbidden/, 'no_rights', 'elsewhere'],
  [/bot was kicked/, 'bot_was_kicked'],
  [/bot was blocked/, 'bot_was_blocked'],
  [/bot is not a member/, 'bot_is_no_member'],
  [/bot can't initiate conversation/, 'nobody_started_the_bot'],
  [/unauthorized/, 'unknown_token'],
  [/can't parse entities/, 'cannot_parse_entities'],
  [/message is too long/, 'message_too_long'],
  [/too many requests/, 'too_many_requests'],
];

function acceptedByTelegram(status: number, body: string): Acceptance {
  const success = status >= 200 && status < 300;
  if (success && OK.test(body)) return { accepted: true };
  const answer = objectInJson(body) ?? {};
  const description = String(answer['description']).toLowerCase();
  const [, word, elsewhere] = DESCRIPTIONS.find(([known]) => known.test(description)) ?? [];
  const meant = elsewhere === undefined ? statusIn(answer['error_code']) : 404;
  const retryAfter = objectOf(answer['parameters'])?.['retry_after'];
  const reason = `status ${status}${success ? ' without ok' : ''}`;
  return {
    accepted: false,
    reason: word === undefined ? reason : `${reason}: ${word}`,
    ...(meant !== undefined && { meantStatus: meant }),
    ...(typeof retryAfter === 'number' && { waitMs: retryAfter * 1000 }),
  };
}

/** Returns the status of an error in the answer of a success. */
function statusIn(code: unknown): number | undefined {
  return typeof code === 'number' && code >= 400 && code < 600 ? code : undefined;
}

function readProbe(status: number, body: string): ProbeReading {
  const acceptance = acceptedByTelegram(status, body);
  if (acceptance.accepted) return { kind: 'there' };
  const isUnclear = status < 400 || status === 429 || status >= 500;
  return { kind: isUnclear ? 'unclear' : 'gone', reason: acceptance.reason };
}

/** Shows a delivery's message as lines of text. Foreign text in it is as hostile as in the mention. */
export function telegramAsText(delivery: Delivery): string[] {
  return htmlAsText(telegramHtml(delivery));
}
