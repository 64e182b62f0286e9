import type { Delivery } from '../../domain/delivery.ts';
import { objectInJson } from '../../domain/foreign/foreign-values.ts';
import { webhookTypeOf, type Ping } from '../../domain/webhook.ts';
import { alertLines } from '../alert-words.ts';
import { digestLine, DIGEST_LINK_LIMIT, fittingCount, perMention } from '../digest-words.ts';
import {
  alsoFound,
  AUTHOR_LIMIT,
  countWords,
  GROUP_LIMIT,
  KEYWORD_LIMIT,
  mentionWords,
  NEW_MENTION,
  PLACE_LIMIT,
  shortContent,
  type AnyMention,
} from '../mention-words.ts';
import {
  defused,
  firstFitting,
  fitted,
  markdownLink,
  utcText,
  httpLink,
} from '../readable-text.ts';
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
  blockAsText,
  PLAIN_TEXT_LIMIT,
  slackMessage,
  BLOCKS_LIMIT,
  charactersOf,
  escapeSlack,
  literal,
  plainText,
  richText,
  withoutPings,
  type RichText,
  type SlackBlock,
} from './slack-blocks.ts';
import { formatSlack, formatSlackSimplified, slackBlocks } from './slack-message.ts';

/*
 * Slack's incoming webhooks: which message they get, how their answers are read, and what `check`
 * asks them; and the plain message of similar receivers. slack-message.ts holds the words and layout
 * of Slack's message, slack-blocks.ts the parts that it is built of.
 *
 * Source: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
 */

/** The digest of Slack, and its plain form. */
const slackDigest: DigestForm = {
  maxSize: 50,
  fitting: (mentions, { plain }) =>
    fittingCount(mentions, (some) =>
      plain
        ? plainDigest(some).length <= PLAIN_TEXT_LIMIT
        : charactersOf(digestBlocks(some)) <= BLOCKS_LIMIT,
    ),
  request: (mentions, context) =>
    jsonRequest(
      context.webhook.plain
        ? slackMessage(plainDigest(mentions))
        : slackMessage(withoutPings(notification(mentions)), digestBlocks(mentions)),
      context,
    ),
  preview: (mention, { plain }) =>
    plain ? plainDigest([mention]).split('\n') : digestBlocks([mention]).flatMap(blockAsText),
};

function digestBlocks(mentions: readonly AnyMention[]): readonly SlackBlock[] {
  return [
    { type: 'header', text: plainText(countWords(mentions)) },
    richText(
      mentions.flatMap((mention, index) => {
        const { bullet, parts } = richLine(mention);
        return [literal(index === 0 ? bullet : `\n${bullet}`), ...parts];
      }),
    ),
  ];
}

const richLine = perMention((mention) => {
  const url = httpLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: url !== null });
  const after = url === null ? rest : `${rest} `;
  const parts: readonly RichText[] = [
    ...(keyword === '' ? [] : [literal(keyword, true)]),
    ...(after === '' ? [] : [literal(after)]),
    ...(url === null ? [] : [{ type: 'link', url, text: 'Open post' } as const]),
  ];
  return { bullet: keyword === '' ? `• ${NEW_MENTION}` : '• ', parts };
});

/** Returns the lines that notifications and screen readers show, escaped. */
function notification(mentions: readonly AnyMention[]): string {
  const lines = mentions.map((mention) => {
    const hasLink = httpLink(mention.mention.link, DIGEST_LINK_LIMIT) !== null;
    const { keyword, rest } = digestLine(mention, { hasLink, escape: escapeSlack });
    return (keyword || NEW_MENTION) + rest;
  });
  return [countWords(mentions), ...lines].join('\n');
}

function plainDigest(mentions: readonly AnyMention[]): string {
  return [countWords(mentions), ...mentions.map(plainLine)].join('\n');
}

const plainLine = perMention((mention) => {
  const link = markdownLink(mention.mention.link, DIGEST_LINK_LIMIT);
  const { keyword, rest } = digestLine(mention, { hasLink: link !== null, escape: defused });
  return `• ${keyword || NEW_MENTION}${rest}${link === null ? '' : ` ${link}`}`;
});

export const slackWebhook: WebhookType = {
  name: 'slack',
  batched: ['mention', 'recovered'],
  request: (deliveries, context) => {
    const format = context.webhook.plain ? plainBody : formatSlack;
    return jsonRequest(format(deliveries, whomToPing(deliveries, context)), context);
  },
  simplified: (deliveries, context) =>
    jsonRequest(
      context.webhook.plain ? plainBody(deliveries) : formatSlackSimplified(deliveries),
      context,
    ),
  accepted: acceptedBySlack,
  preview: (delivery, { plain }) =>
    plain ? plainSlackText([delivery]).split('\n') : slackAsText(delivery),
  digest: slackDigest,
  ping: (context) => jsonRequest(slackMessage(pingText(context.webhook)), context),
  // A message without text: a webhook that exists refuses it with 400, and nobody sees it. One that
  // does not exist answers that first (api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks).
  probe: {
    method: 'POST',
    request: (context) => jsonRequest('{}', context),
    read: readProbe,
  },
  renewal: 'make a new incoming webhook in Slack',
};

function plainBody(deliveries: readonly Delivery[], ping: Ping | null = null): string {
  return slackMessage(plainSlackText(deliveries, ping));
}

function acceptedBySlack(status: number, body: string, url: URL): Acceptance {
  const success = status >= 200 && status < 300;
  // trim() removes a byte order mark, too.
  const answer = body.trim();
  const json = success ? objectInJson(answer) : null;
  if (success && saysOk(answer, json, isSlackItself(url))) return { accepted: true };
  // Slack's error codes look like this. Anything else is foreign text and may repeat the URL.
  const code = [answer, json?.['error']].find(isErrorCode);
  if (code !== undefined) return { accepted: false, reason: `status ${status}: ${code}` };
  const missing = json === null ? ' without ok' : ' with an error in its JSON';
  return { accepted: false, reason: `status ${status}${success ? missing : ''}` };
}

/**
 * Returns whether the answer of a success means one. Slack itself answers `ok` (`{"ok":true}` in its
 * other APIs), and any other text is that of a proxy or a log-in page. Receivers that are only similar
 * answer in their own words: Mattermost `ok`, Rocket.Chat `{"success":true}`, others `OK` or nothing.
 * Of those only JSON that reports an error is a failure.
 */
function saysOk(answer: string, json: JsonObject | null, isSlack: boolean): boolean {
  if (json === null) return !isSlack || answer.toLowerCase() === 'ok';
  const failed = json['ok'] === false || json['success'] === false || isSomething(json['error']);
  return !failed && (!isSlack || json['ok'] === true);
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Returns whether a value names an error: PHP's nothing and other empty values do not. */
function isSomething(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function isErrorCode(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z_]{1,60}$/.test(value);
}

function isSlackItself(url: URL): boolean {
  return webhookTypeOf(url) === 'slack';
}

function readProbe(status: number, body: string, url: URL): ProbeReading {
  if (status === 400) return { kind: 'there' };
  if (status < 300 && isSlackItself(url)) {
    return { kind: 'unclear', reason: `status ${status}: it may not be Slack` };
  }
  const acceptance = acceptedBySlack(status, body, url);
  if (acceptance.accepted) return { kind: 'there' };
  const isUnclear = status < 300 || status === 429 || status >= 500;
  return { kind: isUnclear ? 'unclear' : 'gone', reason: acceptance.reason };
}

/** Shows a delivery's blocks as lines of text. Foreign text in it is as hostile as in the mention. */
export function slackAsText(delivery: Delivery): string[] {
  return slackBlocks(delivery).flatMap(blockAsText);
}

/*
 * The plain form (`_PLAIN=true`) for Mattermost and Rocket.Chat. They show the top-level text alone,
 * and always read it as Markdown with pings, whatever `mrkdwn` says
 * (docs.mattermost.com/developers/integrate/slash-commands/slack, "Known Slack compatibility
 * issues"). So that text holds all that blocks hold for Slack but bold and the link to the author,
 * with a stranger's words defused: they ping nobody. No line begins with a stranger's words: none can
 * become a heading, a list or a block of code.
 */

// Ten mentions share the characters of a text.
const PLAIN_CONTENT_LIMITS = [600, 300, 120, 60, 40, 20] as const;
const PLAIN_LINK_LIMIT = 500;
// The least, enough for their number.
const PLAIN_ALSO_LIMIT = 20;

/** Returns one text for one delivery, or for up to ten, each with what its blocks would show. */
export function plainSlackText(deliveries: readonly Delivery[], ping: Ping | null = null): string {
  const pinged = ping === null ? '' : `${ping.text} `;
  const heading = deliveries.length === 1 ? [] : [countWords(deliveries)];
  return firstFitting(
    PLAIN_CONTENT_LIMITS,
    (limit) => {
      const items = deliveries.map((delivery) => plainLines(delivery, limit).join('\n'));
      return pinged + [...heading, ...items].join('\n\n');
    },
    (text) => text.length <= PLAIN_TEXT_LIMIT,
  );
}

function plainLines(delivery: Delivery, contentLimit: number): readonly string[] {
  if (delivery.kind === 'alert') return alertLines(delivery.alert).map(defused);
  const words = mentionWords(delivery);
  const { keyword, group, content, author, place, verb, atMs } = words;
  const link = markdownLink(delivery.mention.link, Math.min(PLAIN_LINK_LIMIT, 7 * contentLimit));
  const fit = (text: string, limit: number) => fitted(text, limit, defused);
  const about = [fit(keyword, KEYWORD_LIMIT), group && `in ${fit(group, GROUP_LIMIT)}`];
  const name = delivery.kind === 'recovered' ? 'Recovered mention' : NEW_MENTION;
  const quote = shortContent(words, {
    limit: contentLimit,
    hasLink: link !== null,
    escape: defused,
  });
  const particulars = [
    author && `by ${fit(author, AUTHOR_LIMIT)}`,
    fit(place, PLACE_LIMIT),
    `${verb} ${utcText(atMs)}`,
  ];
  const lines = [
    keyword === '' && group === '' ? name : `${name}: ${joined(about, ' ')}`,
    content === null || quote === '' ? quote : `“${quote}”`,
    `— ${joined(particulars, ' · ')}`,
    alsoFound(words, Math.max(PLAIN_ALSO_LIMIT, contentLimit / 2), fit),
    link ?? '',
  ];
  return lines.filter((line) => line !== '');
}

function joined(texts: readonly string[], separator: string): string {
  return texts.filter((text) => text !== '').join(separator);
}
