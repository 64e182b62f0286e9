import type { Delivery } from '../domain/delivery.ts';
import type { Mention } from '../domain/mention.ts';
import { escapeToFit, linkTarget, readable, readableLine, withoutPings } from './slack-text.ts';

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

/** A part of a message, as docs.slack.dev/reference/block-kit/blocks describes them. */
export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText }
  | { readonly type: 'context'; readonly elements: readonly (PlainText | Mrkdwn)[] }
  | { readonly type: 'divider' };

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  /** False: `:name:` is shown as it is written. */
  readonly emoji: false;
}

interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
  /** True: nothing but what is written as a link becomes one. */
  readonly verbatim: true;
}

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
// Of Slack's date tokens, with a margin on both sides of what a mention can hold.
const LAST_DATE_SECONDS = Date.UTC(2100, 0, 1) / 1000;

const POSITIONS = new Map([
  ['post', 'in the post'],
  ['comment', 'in a comment'],
  ['link', 'in a link'],
]);

/**
 * The message for one mention, or for up to ten that had waited, each whole, as JSON. Within all
 * of Slack's documented limits, whatever the mentions hold.
 */
export function formatSlack(
  deliveries: readonly Pick<Delivery, 'mention' | 'polledAtMs'>[],
): string {
  const texts = deliveries.map(({ mention }) => notificationText(mention));
  const text = texts.length === 1 ? texts : [`${texts.length} new mentions`, ...texts];
  const blocks = deliveries.flatMap(({ mention, polledAtMs }, index) => [
    ...(index === 0 ? [] : [{ type: 'divider' } satisfies SlackBlock]),
    ...mentionBlocks(mention, polledAtMs),
  ]);
  return slackMessage(text.join('\n'), blocks);
}

/**
 * The same with nothing in it that Slack could refuse: one text, literal, without blocks, with at
 * most 300 characters of content a mention. For a message that was refused.
 */
export function formatSlackPlain(mentions: readonly Mention[]): string {
  return slackMessage(mentions.map(plainLines).join('\n\n'));
}

function plainLines(mention: Mention): string {
  const lines = [
    title(mention),
    escapeToFit(readableLine(mention.content), PLAIN_CONTENT_LIMIT),
    linkTarget(mention.link, LINK_LIMIT) ?? '',
  ];
  return lines.filter((line) => line !== '').join('\n');
}

/**
 * One mention's blocks, three at most and one at least: what was spotted and in which group; the
 * quoted content; by whom, where, when, and the link to the post. No foreign text in them is ever
 * interpreted. Slack allows 50 blocks a message.
 */
export function mentionBlocks(mention: Mention, polledAtMs: number): readonly SlackBlock[] {
  const content = escapeToFit(readable(mention.content), CONTENT_LIMIT);
  return [
    { type: 'header', text: plainText(title(mention)) },
    ...(content === ''
      ? []
      : [{ type: 'section', text: plainText(`“${content}”`) } satisfies SlackBlock]),
    { type: 'context', elements: particulars(mention, polledAtMs) },
  ];
}

/**
 * What a notification and a screen reader tell of one mention: a short line, `keyword in group:
 * content…`, escaped.
 */
export function notificationText(mention: Mention): string {
  const content = escapeToFit(readableLine(mention.content), NOTIFICATION_CONTENT_LIMIT);
  return content === '' ? title(mention) : `${title(mention)}: ${content}`;
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

/** Escaped, one line, never empty, at most 150 characters. */
function title({ keyword, group }: Mention): string {
  const spotted = escapeToFit(readableLine(keyword), KEYWORD_LIMIT);
  const place = escapeToFit(groupName(group), GROUP_LIMIT);
  if (place === '') return spotted === '' ? 'New mention' : spotted;
  return `${spotted === '' ? 'New mention' : spotted} in ${place}`;
}

function groupName(group: Mention['group']): string {
  const name = readableLine(group.name);
  if (name !== '') return name;
  const id = readableLine(group.id);
  return id === '' ? '' : `group ${id}`;
}

function particulars(mention: Mention, polledAtMs: number): readonly (PlainText | Mrkdwn)[] {
  const author = escapeToFit(readableLine(mention.owner.name), AUTHOR_LIMIT);
  const position = readableLine(mention.position);
  const place = POSITIONS.get(position) ?? escapeToFit(position, POSITION_LIMIT);
  const link = linkTarget(mention.link, LINK_LIMIT);
  return [
    ...[author, place].filter((text) => text !== '').map(plainText),
    mrkdwn(
      mention.spottedAtMs === null
        ? `received ${date(polledAtMs)}`
        : `spotted ${date(mention.spottedAtMs)}`,
    ),
    ...(link === null ? [] : [mrkdwn(`*<${link}|Open post>*`)]),
  ];
}

/**
 * A time as each reader's Slack writes it, in their own time zone, or in UTC where that fails.
 * Source: docs.slack.dev/messaging/formatting-message-text, "Date formatting".
 */
function date(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  const utc = `${new Date(timeMs).toISOString().slice(0, -8).replace('T', ' ')} UTC`;
  if (seconds < 0 || seconds > LAST_DATE_SECONDS) return utc;
  return `<!date^${seconds}^{date_short_pretty} at {time}|${utc}>`;
}

function plainText(text: string): PlainText {
  return { type: 'plain_text', text, emoji: false };
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true };
}
