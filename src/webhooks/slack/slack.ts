import type { Acceptance } from '../webhook-type.ts';
import { pingText, jsonHeaders, type ProbeReading, type WebhookType } from '../webhook-type.ts';
import { formatSlack, formatSlackPlain, slackMessage, slackBlocks } from './slack-message.ts';
import type { Delivery } from '../../domain/delivery.ts';
import type { SlackBlock } from './slack-blocks.ts';
import { alertLines } from '../alert-words.ts';
import { firstFitting, defused, fitted, markdownLink, utcText } from '../readable-text.ts';
import { countWords, mentionWords, recoveredNote, type AnyMention } from '../mention-words.ts';

/** Slack's incoming webhooks: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. */
export const slackWebhook: WebhookType = {
  name: 'slack',
  batched: ['mention', 'recovered'],
  request: (deliveries, context) => ({
    body: context.webhook.plain ? slackMessage(plainText(deliveries)) : formatSlack(deliveries),
    headers: jsonHeaders(context),
  }),
  simplified: (deliveries, context) => ({
    body: context.webhook.plain
      ? slackMessage(plainText(deliveries))
      : formatSlackPlain(deliveries),
    headers: jsonHeaders(context),
  }),
  accepted: acceptedBySlack,
  preview: (delivery, { plain }) =>
    plain ? plainText([delivery]).split('\n') : slackAsText(delivery),
  ping: (context) => ({
    body: slackMessage(pingText(context.webhook)),
    headers: jsonHeaders(context),
  }),
  // A message without text: a webhook that exists refuses it with 400, and nobody sees it. One that
  // does not exist says so first (api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks).
  probe: {
    method: 'POST',
    request: (context) => ({ body: '{}', headers: jsonHeaders(context) }),
    read: readProbe,
  },
  renewal: 'make a new incoming webhook in Slack',
};

function readProbe(status: number, body: string): ProbeReading {
  if (status === 400 || (status < 300 && isSuccessOfRocketChat(body.trim()))) {
    return { kind: 'there' };
  }
  if (status < 300) return { kind: 'unclear', reason: `status ${status}: it may not be Slack` };
  const acceptance = acceptedBySlack(status, body);
  const reason = acceptance.accepted ? `status ${status}` : acceptance.reason;
  const passing = status === 429 || status >= 500;
  return { kind: passing ? 'unclear' : 'gone', reason };
}

function acceptedBySlack(status: number, body: string): Acceptance {
  const answer = body.trim();
  const success = status >= 200 && status < 300;
  if (success && (answer === 'ok' || isSuccessOfRocketChat(answer))) return { accepted: true };
  // Slack's error codes look like this. Anything else is foreign text and may repeat the URL.
  if (/^[a-z_]{1,60}$/.test(answer))
    return { accepted: false, reason: `status ${status}: ${answer}` };
  return { accepted: false, reason: success ? `status ${status} without ok` : `status ${status}` };
}

/**
 * What Rocket.Chat says where Slack and Mattermost say `ok`: github.com/RocketChat/Rocket.Chat,
 * apps/meteor/app/integrations/server/api/api.ts, and its answers of all endpoints.
 */
function isSuccessOfRocketChat(answer: string): boolean {
  return /^\{\s*"success"\s*:\s*true\s*\}$/.test(answer);
}

/**
 * How a delivery's Slack message looks, as lines of text: what stands in its blocks, with times in
 * UTC and links written out. Foreign text in it is as hostile as in the mention.
 */
export function slackAsText(delivery: Delivery): string[] {
  return slackBlocks(delivery).flatMap(blockLines);
}

function blockLines(block: SlackBlock): string[] {
  switch (block.type) {
    case 'header':
      return unescaped(block.text.text).split('\n');
    case 'section':
      return ('text' in block ? [block.text] : block.fields).flatMap((text) =>
        elementText(text).split('\n'),
      );
    case 'context':
      return [block.elements.map((element) => elementText(element)).join(' · ')];
    case 'divider':
      return ['---'];
  }
}

function elementText(element: {
  readonly type: 'plain_text' | 'mrkdwn';
  readonly text: string;
}): string {
  if (element.type === 'plain_text') return unescaped(element.text);
  return unescaped(
    element.text
      .replaceAll(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
      .replaceAll(/\*?<([^|>]*)\|([^>]*)>\*?/g, '$2: $1'),
  );
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/*
 * For services that take Slack's messages but know no blocks. Mattermost and Rocket.Chat show the
 * top-level text alone, and always read it as Markdown with pings, whatever `mrkdwn` says
 * (docs.mattermost.com/developers/integrate/slash-commands/slack, "Known Slack compatibility
 * issues"). So what stands in blocks for Slack stands in that text, and a stranger's words are
 * defused in it. No line begins with a stranger's words: none can become a heading, a list or a
 * block of code.
 */

// Mattermost takes 16,383 characters in a post, Rocket.Chat 5,000 unless its admin says otherwise:
// ten mentions share them.
const KEYWORD_LIMIT = 70;
const GROUP_LIMIT = 76;
const CONTENT_LIMITS = [600, 300, 120, 20] as const;
const AUTHOR_LIMIT = 80;
const POSITION_LIMIT = 40;
const LINK_LIMIT = 500;
const TEXT_LIMIT = 5_000;

/** One text for one delivery, or for up to ten, each with all that its Slack message has. */
export function plainText(deliveries: readonly Delivery[]): string {
  const heading = deliveries.length === 1 ? [] : [countWords(deliveries)];
  return firstFitting(
    CONTENT_LIMITS,
    (limit) =>
      [...heading, ...deliveries.map((delivery) => plainLines(delivery, limit).join('\n'))].join(
        '\n\n',
      ),
    (text) => text.length <= TEXT_LIMIT,
  );
}

function plainLines(delivery: Delivery, contentLimit: number): readonly string[] {
  if (delivery.kind === 'alert') return alertLines(delivery.alert).map(defused);
  const { keyword, group, content, author, place, verb, atMs } = mentionWords(delivery);
  const link = markdownLink(delivery.mention.link, LINK_LIMIT);
  const what = [foreign(keyword, KEYWORD_LIMIT), group && `in ${foreign(group, GROUP_LIMIT)}`];
  const particulars = [
    author && `by ${foreign(author, AUTHOR_LIMIT)}`,
    foreign(place, POSITION_LIMIT),
    `${verb} ${utcText(atMs)}`,
  ];
  const quote =
    content === null
      ? recoveredNote(link !== null)
      : content && `“${foreign(content.replace(/\n+/g, ' '), contentLimit)}”`;
  const lines = [headline(delivery, what), quote, particularsLine(particulars), link ?? ''];
  return lines.filter((line) => line !== '');
}

function headline({ kind }: AnyMention, what: readonly string[]): string {
  const known = what.filter((text) => text !== '').join(' ');
  const name = kind === 'recovered' ? 'Recovered mention' : 'New mention';
  return known === '' ? name : `${name}: ${known}`;
}

function particularsLine(particulars: readonly string[]): string {
  return `— ${particulars.filter((text) => text !== '').join(' · ')}`;
}

function foreign(text: string, limit: number): string {
  return fitted(text, limit, defused);
}
