import type { Alert } from '../../domain/alert.ts';
import type { Delivery } from '../../domain/delivery.ts';
import { alertLines, alertWords } from '../alert-words.ts';
import {
  AUTHOR_LIMIT,
  countWords,
  GROUP_LIMIT,
  KEYWORD_LIMIT,
  mentionTitle,
  mentionWords,
  NEW_MENTION,
  PLACE_LIMIT,
  recoveredNote,
  shortContent,
  type AnyMention,
  type MentionWords,
} from '../mention-words.ts';
import { defused, firstFitting, fitted, markdownLink, utcText } from '../readable-text.ts';
import {
  escapeSlack,
  escapeToFit,
  linkTarget,
  mrkdwn,
  plainSection,
  plainText,
  slackDate,
  slackMessage,
  type Mrkdwn,
  type PlainText,
  type SlackBlock,
} from './slack-blocks.ts';

/*
 * The message that people see in Slack: header with keyword and group, quoted content, and a line
 * with author, place, time and link. Then the plain form for services that know no blocks.
 *
 * A stranger's words stand only in `plain_text` objects and in the top-level text, which has
 * `mrkdwn: false`: there Slack shows `*`, `_`, backticks, `:emoji:` and `<!channel>` as they are
 * (docs.slack.dev/reference/block-kit/composition-objects/text-object). mrkdwn has no escape for
 * its formatting characters: invisible characters beside them don't take their meaning away, and
 * look-alikes would spoil addresses that people want to copy. `rich_text` would be literal as well,
 * but shows `&lt;` as it is written: a stranger's text would have to be sent to Slack unescaped.
 *
 * Only our own words and the post's link are mrkdwn. The link is no button, because Slack puts a
 * warning beside a button of an app that takes no answers, even if it only opens a link
 * (github.com/slackapi/node-slack-sdk/issues/869).
 */

const CONTENT_LIMIT = 600;
const NOTIFICATION_CONTENT_LIMIT = 150;
const SIMPLIFIED_CONTENT_LIMIT = 300;
// Slack allows 3000 in a text object: the link shares them with its label.
const LINK_LIMIT = 3000 - '*<|Open post>*'.length;

/**
 * Returns the message for one delivery, or for up to ten that had waited, each whole, as JSON.
 * Within all of Slack's documented limits, whatever the deliveries hold.
 */
export function formatSlack(deliveries: readonly Delivery[]): string {
  const texts = deliveries.map(notification);
  const text = texts.length === 1 ? texts : [countWords(deliveries), ...texts];
  const blocks = deliveries.flatMap((delivery, index) => [
    ...(index === 0 ? [] : [{ type: 'divider' } satisfies SlackBlock]),
    ...slackBlocks(delivery),
  ]);
  return slackMessage(text.join('\n'), blocks);
}

/**
 * Returns one delivery's blocks. A mention has two or three: header, quote, and the line with author,
 * place, time and link. No foreign text in them is ever interpreted. Slack allows 50 in a message.
 */
export function slackBlocks(delivery: Delivery): readonly SlackBlock[] {
  if (delivery.kind === 'alert') return alertBlocks(delivery.alert);
  const words = mentionWords(delivery);
  const link = linkTarget(delivery.mention.link, LINK_LIMIT);
  return [
    { type: 'header', text: plainText(mentionTitle(words, escapeToFit)) },
    ...quoteBlocks(words, link),
    { type: 'context', elements: authorLine(words, link) },
  ];
}

function quoteBlocks({ content }: MentionWords, link: string | null): readonly SlackBlock[] {
  if (content === null) return [plainSection(recoveredNote(link !== null))];
  return content === '' ? [] : [plainSection(`“${escapeToFit(content, CONTENT_LIMIT)}”`)];
}

function authorLine(
  { author, place, verb, atMs }: MentionWords,
  link: string | null,
): readonly (PlainText | Mrkdwn)[] {
  return [
    ...[escapeToFit(author, AUTHOR_LIMIT), escapeToFit(place, PLACE_LIMIT)]
      .filter((text) => text !== '')
      .map(plainText),
    mrkdwn(`${verb} ${slackDate(atMs)}`),
    ...(link === null ? [] : [mrkdwn(`*<${link}|Open post>*`)]),
  ];
}

function alertBlocks(alert: Alert): readonly SlackBlock[] {
  const { title, about, times, next, status, foundAtMs } = alertWords(alert);
  const fields = times.map(({ name, atMs }) =>
    mrkdwn(`*${name}*\n${atMs === null ? 'unknown' : slackDate(atMs)}`),
  );
  return [
    { type: 'header', text: plainText(title) },
    ...(about === null ? [] : [plainSection(escapeSlack(about))]),
    ...(fields.length === 0 ? [] : [{ type: 'section', fields } satisfies SlackBlock]),
    plainSection(next),
    {
      type: 'context',
      elements: [
        ...(status === null ? [] : [plainText(escapeSlack(status))]),
        mrkdwn(`found ${slackDate(foundAtMs)}`),
      ],
    },
  ];
}

/** Returns the line that notifications and screen readers show, escaped. */
function notification(delivery: Delivery): string {
  if (delivery.kind === 'alert') return escapeSlack(alertLines(delivery.alert)[0]);
  const content = beginning(delivery, NOTIFICATION_CONTENT_LIMIT);
  const heading = mentionTitle(mentionWords(delivery), escapeToFit);
  return content === '' ? heading : `${heading}: ${content}`;
}

/**
 * Returns the same message with nothing in it that Slack could refuse: one literal text without
 * blocks, with at most 300 characters of content per mention. Used after a refusal.
 */
export function formatSlackSimplified(deliveries: readonly Delivery[]): string {
  return slackMessage(deliveries.map((each) => simplifiedLines(each).join('\n')).join('\n\n'));
}

function simplifiedLines(delivery: Delivery): readonly string[] {
  if (delivery.kind === 'alert') return alertLines(delivery.alert).map(escapeSlack);
  const lines = [
    mentionTitle(mentionWords(delivery), escapeToFit),
    beginning(delivery, SIMPLIFIED_CONTENT_LIMIT),
    linkTarget(delivery.mention.link, LINK_LIMIT) ?? '',
  ];
  return lines.filter((line) => line !== '');
}

function beginning(delivery: AnyMention, limit: number): string {
  const hasLink = linkTarget(delivery.mention.link, LINK_LIMIT) !== null;
  return shortContent(mentionWords(delivery), { limit, hasLink, fit: escapeToFit });
}

/*
 * The plain form (`_PLAIN=true`) for Mattermost and Rocket.Chat. They show the top-level text alone,
 * and always read it as Markdown with pings, whatever `mrkdwn` says
 * (docs.mattermost.com/developers/integrate/slash-commands/slack, "Known Slack compatibility
 * issues"). So that text holds all that blocks hold for Slack, with a stranger's words defused. No
 * line begins with a stranger's words: none can become a heading, a list or a block of code.
 */

// Mattermost takes 16,383 characters in a post, Rocket.Chat 5,000 unless its admin says otherwise:
// ten mentions share them.
const PLAIN_TEXT_LIMIT = 5_000;
const PLAIN_CONTENT_LIMITS = [600, 300, 120, 20] as const;
const PLAIN_LINK_LIMIT = 500;

/** Returns one text for one delivery, or for up to ten, each with all that its blocks would hold. */
export function plainSlackText(deliveries: readonly Delivery[]): string {
  const heading = deliveries.length === 1 ? [] : [countWords(deliveries)];
  return firstFitting(
    PLAIN_CONTENT_LIMITS,
    (limit) => {
      const items = deliveries.map((delivery) => plainLines(delivery, limit).join('\n'));
      return [...heading, ...items].join('\n\n');
    },
    (text) => text.length <= PLAIN_TEXT_LIMIT,
  );
}

function plainLines(delivery: Delivery, contentLimit: number): readonly string[] {
  if (delivery.kind === 'alert') return alertLines(delivery.alert).map(defused);
  const words = mentionWords(delivery);
  const { keyword, group, content, author, place, verb, atMs } = words;
  const link = markdownLink(delivery.mention.link, PLAIN_LINK_LIMIT);
  const fit = (text: string, limit: number) => fitted(text, limit, defused);
  const about = [fit(keyword, KEYWORD_LIMIT), group && `in ${fit(group, GROUP_LIMIT)}`];
  const name = delivery.kind === 'recovered' ? 'Recovered mention' : NEW_MENTION;
  const quote = shortContent(words, { limit: contentLimit, hasLink: link !== null, fit });
  const particulars = [
    author && `by ${fit(author, AUTHOR_LIMIT)}`,
    fit(place, PLACE_LIMIT),
    `${verb} ${utcText(atMs)}`,
  ];
  const lines = [
    keyword === '' && group === '' ? name : `${name}: ${joined(about, ' ')}`,
    content ? `“${quote}”` : quote,
    `— ${joined(particulars, ' · ')}`,
    link ?? '',
  ];
  return lines.filter((line) => line !== '');
}

function joined(texts: readonly string[], separator: string): string {
  return texts.filter((text) => text !== '').join(separator);
}
