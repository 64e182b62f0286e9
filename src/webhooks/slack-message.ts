import type { Delivery } from '../domain/delivery.ts';
import type { Mention } from '../domain/mention.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import { alertBlocks, alertLines } from './slack-alert.ts';
import {
  mrkdwn,
  plainSection,
  plainText,
  slackDate,
  type Mrkdwn,
  type PlainText,
  type SlackBlock,
} from './slack-blocks.ts';
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

const POSITIONS = new Map([
  ['post', 'in the post'],
  ['comment', 'in a comment'],
  ['link', 'in a link'],
]);

/**
 * The message for one delivery, or for up to ten that had waited, each whole, as JSON. Within all
 * of Slack's documented limits, whatever they hold.
 */
export function formatSlack(deliveries: readonly Delivery[]): string {
  const texts = deliveries.map(shortText);
  const what = deliveries.every(({ kind }) => kind === 'recovered') ? 'recovered' : 'new';
  const text = texts.length === 1 ? texts : [`${texts.length} ${what} mentions`, ...texts];
  const blocks = deliveries.flatMap((delivery, index) => [
    ...(index === 0 ? [] : [{ type: 'divider' } satisfies SlackBlock]),
    ...blocksOf(delivery),
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

function blocksOf(delivery: Delivery): readonly SlackBlock[] {
  switch (delivery.kind) {
    case 'mention':
      return mentionBlocks(delivery.mention, delivery.polledAtMs);
    case 'recovered':
      return recoveredBlocks(delivery.mention, delivery.polledAtMs);
    case 'alert':
      return alertBlocks(delivery.alert);
  }
}

/** What a notification and a screen reader tell of it. */
function shortText(delivery: Delivery): string {
  switch (delivery.kind) {
    case 'mention':
      return notificationText(delivery.mention);
    case 'recovered':
      return `${title(delivery.mention)}: ${recoveredNote(delivery.mention)}`;
    case 'alert':
      return alertLines(delivery.alert)[0] ?? '';
  }
}

function plainLines(delivery: Delivery): string {
  if (delivery.kind === 'alert') return alertLines(delivery.alert).join('\n');
  const { mention } = delivery;
  const lines = [
    title(mention),
    delivery.kind === 'mention'
      ? escapeToFit(readableLine(delivery.mention.content), PLAIN_CONTENT_LIMIT)
      : recoveredNote(delivery.mention),
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
    ...(content === '' ? [] : [plainSection(`“${content}”`)]),
    { type: 'context', elements: particulars(mention, polledAtMs) },
  ];
}

/** The like for a recovered mention, whose text and position are not known: it says so instead. */
function recoveredBlocks(mention: RecoveredMention, polledAtMs: number): readonly SlackBlock[] {
  return [
    { type: 'header', text: plainText(title(mention)) },
    plainSection(recoveredNote(mention)),
    { type: 'context', elements: particulars({ ...mention, position: '' }, polledAtMs) },
  ];
}

function recoveredNote({ link }: RecoveredMention): string {
  return linkTarget(link, LINK_LIMIT) === null
    ? 'Recovered after a gap: its text is not known.'
    : 'Recovered after a gap: open the post to read it.';
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
function title({ keyword, group }: Pick<Mention, 'keyword' | 'group'>): string {
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

function particulars(
  mention: Pick<Mention, 'position' | 'link' | 'spottedAtMs'> & Pick<RecoveredMention, 'owner'>,
  polledAtMs: number,
): readonly (PlainText | Mrkdwn)[] {
  const author = escapeToFit(readableLine(mention.owner.name), AUTHOR_LIMIT);
  const position = readableLine(mention.position);
  const place = POSITIONS.get(position) ?? escapeToFit(position, POSITION_LIMIT);
  const link = linkTarget(mention.link, LINK_LIMIT);
  return [
    ...[author, place].filter((text) => text !== '').map(plainText),
    mrkdwn(
      mention.spottedAtMs === null
        ? `received ${slackDate(polledAtMs)}`
        : `spotted ${slackDate(mention.spottedAtMs)}`,
    ),
    ...(link === null ? [] : [mrkdwn(`*<${link}|Open post>*`)]),
  ];
}
