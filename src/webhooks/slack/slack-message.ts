import type { Delivery } from '../../domain/delivery.ts';
import { alertLines, alertWords } from '../alert-words.ts';
import {
  countWords,
  mentionWords,
  NEW_MENTION,
  recoveredNote,
  type AnyMention,
  type MentionWords,
} from '../mention-words.ts';
import {
  mrkdwn,
  plainSection,
  plainText,
  slackDate,
  type Mrkdwn,
  type PlainText,
  type SlackBlock,
  escapeSlack,
  escapeToFit,
  linkTarget,
  withoutPings,
} from './slack-blocks.ts';
import { readableLine } from '../readable-text.ts';
import type { Alert } from '../../domain/alert.ts';

/*
 * How a mention looks in Slack, and why.
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

// Slack allows 150 in a header: keyword, ' in ' and group share them.
const KEYWORD_LIMIT = 70;
const GROUP_LIMIT = 76;
const CONTENT_LIMIT = 600;
const AUTHOR_LIMIT = 80;
const POSITION_LIMIT = 40;
const NOTIFICATION_CONTENT_LIMIT = 150;
const PLAIN_CONTENT_LIMIT = 300;
// Slack allows 3000 in a text object: the link shares them with its label.
const LINK_LIMIT = 3000 - '*<|Open post>*'.length;

/**
 * The message for one delivery, or for up to ten that had waited, each whole, as JSON. Within all
 * of Slack's documented limits, whatever they hold.
 */
export function formatSlack(deliveries: readonly Delivery[]): string {
  const texts = deliveries.map(shortText);
  const text = texts.length === 1 ? texts : [countWords(deliveries), ...texts];
  const blocks = deliveries.flatMap((delivery, index) => [
    ...(index === 0 ? [] : [{ type: 'divider' } satisfies SlackBlock]),
    ...slackBlocks(delivery),
  ]);
  return slackMessage(text.join('\n'), blocks);
}

/**
 * The same with nothing in it that Slack could refuse: one text, literal, without blocks, with at
 * most 300 characters of content a mention. For a message that was refused.
 */
export function formatSlackPlain(deliveries: readonly Delivery[]): string {
  return slackMessage(deliveries.map(plainLines).join('\n\n'));
}

/**
 * One delivery's blocks. Of a mention three at most and one at least: what was spotted and in which
 * group; the quoted content; by whom, where, when, and the link to the post. No foreign text in them
 * is ever interpreted. Slack allows 50 blocks a message.
 */
export function slackBlocks(delivery: Delivery): readonly SlackBlock[] {
  if (delivery.kind === 'alert') return alertBlocks(delivery.alert);
  const words = mentionWords(delivery);
  const link = linkTarget(delivery.mention.link, LINK_LIMIT);
  return [
    { type: 'header', text: plainText(mentionTitle(words)) },
    ...bodyBlocks(words, link),
    { type: 'context', elements: particulars(words, link) },
  ];
}

/**
 * A message's JSON. Links in it are never unfurled: a preview would be a stranger's picture and
 * words in the channel.
 *
 * @param text escaped already; shown where blocks can't be.
 */
export function slackMessage(text: string, blocks: readonly SlackBlock[] = []): string {
  return JSON.stringify({
    text: withoutPings(text),
    mrkdwn: false,
    ...(blocks.length > 0 && { blocks }),
    unfurl_links: false,
    unfurl_media: false,
  });
}

/** What a notification and a screen reader tell of it: a short line, escaped. */
function shortText(delivery: Delivery): string {
  if (delivery.kind === 'alert') return escapeSlack(alertLines(delivery.alert)[0]);
  const heading = mentionTitle(mentionWords(delivery));
  const content = shortContent(delivery, NOTIFICATION_CONTENT_LIMIT);
  return content === '' ? heading : `${heading}: ${content}`;
}

function plainLines(delivery: Delivery): string {
  if (delivery.kind === 'alert') return alertLines(delivery.alert).map(escapeSlack).join('\n');
  const lines = [
    mentionTitle(mentionWords(delivery)),
    shortContent(delivery, PLAIN_CONTENT_LIMIT),
    linkTarget(delivery.mention.link, LINK_LIMIT) ?? '',
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function shortContent(delivery: AnyMention, limit: number): string {
  return delivery.kind === 'mention'
    ? escapeToFit(readableLine(delivery.mention.content), limit)
    : recoveredNote(linkTarget(delivery.mention.link, LINK_LIMIT) !== null);
}

function bodyBlocks({ content }: MentionWords, link: string | null): readonly SlackBlock[] {
  if (content === null) return [plainSection(recoveredNote(link !== null))];
  return content === '' ? [] : [plainSection(`“${escapeToFit(content, CONTENT_LIMIT)}”`)];
}

/** Escaped, one line, never empty, at most 150 characters. */
function mentionTitle({ keyword, group }: MentionWords): string {
  const spotted = keyword === '' ? NEW_MENTION : escapeToFit(keyword, KEYWORD_LIMIT);
  return group === '' ? spotted : `${spotted} in ${escapeToFit(group, GROUP_LIMIT)}`;
}

function particulars(
  { author, place, verb, atMs }: MentionWords,
  link: string | null,
): readonly (PlainText | Mrkdwn)[] {
  return [
    ...[escapeToFit(author, AUTHOR_LIMIT), escapeToFit(place, POSITION_LIMIT)]
      .filter((text) => text !== '')
      .map(plainText),
    mrkdwn(`${verb} ${slackDate(atMs)}`),
    ...(link === null ? [] : [mrkdwn(`*<${link}|Open post>*`)]),
  ];
}

/** An alert's blocks: its title, what is known, what follows, and when it was found. */
export function alertBlocks(alert: Alert): readonly SlackBlock[] {
  const { title, about, times, next, status, foundAtMs } = alertWords(alert);
  const fields = times.map(({ name, atMs }) =>
    mrkdwn(`*${name}*\n${atMs === null ? 'not known' : slackDate(atMs)}`),
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
