import type { Alert } from '../../domain/alert.ts';
import type { Delivery } from '../../domain/delivery.ts';
import type { Ping } from '../../domain/webhook.ts';
import { alertLines, alertWords } from '../alert-words.ts';
import {
  alsoFound,
  AUTHOR_LIMIT,
  countWords,
  mentionTitle,
  mentionWords,
  PLACE_LIMIT,
  recoveredNote,
  shortContent,
  type AnyMention,
  type MentionWords,
} from '../mention-words.ts';
import { excerpt, joined, quoted, unmarked, type Piece } from '../excerpt.ts';
import { firstFitting, fitted, httpLink } from '../readable-text.ts';
import {
  BLOCKS_LIMIT,
  charactersOf,
  escapeSlack,
  escapeToFit,
  linkTarget,
  literal,
  mrkdwn,
  pingBlock,
  plainSection,
  plainText,
  richText,
  slackDate,
  slackMessage,
  withoutPings,
  type Mrkdwn,
  type PlainText,
  type SlackBlock,
} from './slack-blocks.ts';

/*
 * The message that people see in Slack: header with keyword and group; the quoted content with the
 * keyword in bold, its author, and a line with further keywords and groups; and a line with place, time
 * and link.
 *
 * A stranger's words stand only in `rich_text` blocks, `plain_text` objects and the top-level text,
 * which has `mrkdwn: false`: there Slack shows `*`, `_`, backticks, `:emoji:` and `<!channel>` as
 * they are (docs.slack.dev/reference/block-kit/composition-objects/text-object). mrkdwn has no escape
 * for its formatting characters: invisible characters beside them don't take their meaning away, and
 * look-alikes would spoil addresses that people want to copy.
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
const PROFILE_LIMIT = 500;
const ALSO_LIMIT = 300;
const MIN_ALSO_LIMIT = 20;

// Each delivery has a share of the characters of all blocks: the smallest is enough for ten.
const SHARES = [BLOCKS_LIMIT, 2_400, 1_800, 1_180] as const;
const MIN_QUOTE = 100;

/**
 * Returns the message for one delivery, or for up to ten that had waited, each whole, as JSON. It
 * pings on its first line. Within all of Slack's limits, whatever the deliveries hold.
 */
export function formatSlack(deliveries: readonly Delivery[], ping: Ping | null = null): string {
  const texts = deliveries.map(notification);
  const text = texts.length === 1 ? texts : [countWords(deliveries), ...texts];
  const blocks = firstFitting(
    SHARES,
    (share) => [
      ...(ping === null ? [] : [pingBlock(ping)]),
      ...deliveries.flatMap((delivery, index) => [
        ...(index === 0 ? [] : [{ type: 'divider' } satisfies SlackBlock]),
        ...slackBlocks(delivery, share),
      ]),
    ],
    (built) => charactersOf(built) <= BLOCKS_LIMIT,
  );
  return slackMessage(withoutPings(text.join('\n')), blocks);
}

/**
 * Returns one delivery's blocks. A mention has two or three: header, quote with author, and the line
 * with place, time and link. No foreign text in them is ever interpreted. Slack allows 50 in a
 * message.
 *
 * @param share - the characters that a mention's blocks may have as JSON
 */
export function slackBlocks(delivery: Delivery, share = BLOCKS_LIMIT): readonly SlackBlock[] {
  if (delivery.kind === 'alert') return alertBlocks(delivery.alert);
  const { link: foreign } = delivery.mention;
  const words = mentionWords(delivery);
  const { content } = words;
  const header = { type: 'header', text: plainText(mentionTitle(words, escapeToFit)) } as const;
  const withLinks = (limit: number) => {
    const link = linkTarget(foreign, Math.min(LINK_LIMIT, limit));
    const note = content === null ? [unmarked(recoveredNote(link !== null))] : [];
    const parts = {
      name: fitted(words.author, AUTHOR_LIMIT),
      url: httpLink(words.profile, Math.min(PROFILE_LIMIT, limit / 3)),
      also: alsoFound(words, Math.max(MIN_ALSO_LIMIT, Math.min(ALSO_LIMIT, limit / 3))),
    };
    const context = { type: 'context', elements: placeLine(words, link) } as const;
    return (quote: readonly Piece[] = note): readonly SlackBlock[] => [
      header,
      ...quoteBlocks(quote, parts),
      context,
    ];
  };
  // Links are left out only where names take the whole share.
  const blocks = firstFitting(
    [share / 3, share / 6, 0],
    withLinks,
    (built) => charactersOf(built()) + MIN_QUOTE <= share,
  );
  if (content === null || content.text === '') return blocks();
  const fits = (pieces: readonly Piece[]) => charactersOf(blocks(quoted(pieces))) <= share;
  return blocks(quoted(excerpt(content, CONTENT_LIMIT, fits)));
}

function quoteBlocks(
  quote: readonly Piece[],
  {
    name,
    url,
    also,
  }: { readonly name: string; readonly url: string | null; readonly also: string },
): readonly SlackBlock[] {
  const dash = name === '' ? '' : quote.length === 0 ? '— ' : '\n— ';
  const lastLine = also === '' || quote.length + name.length === 0 ? also : `\n${also}`;
  const withoutLink = url === null ? name + lastLine : '';
  const texts = joined([...quote, unmarked(dash), unmarked(withoutLink)]);
  const elements = [
    ...texts.map(({ text, marked }) => literal(text, marked)),
    ...(url === null ? [] : [{ type: 'link', url, text: name } as const]),
    ...(url === null || lastLine === '' ? [] : [literal(lastLine)]),
  ];
  return elements.length === 0 ? [] : [richText(elements)];
}

function placeLine(
  { place, verb, atMs }: MentionWords,
  link: string | null,
): readonly (PlainText | Mrkdwn)[] {
  return [
    ...(place === '' ? [] : [plainText(escapeToFit(place, PLACE_LIMIT))]),
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
 * blocks, with at most 300 characters of content per mention. It pings nobody. Used after a refusal.
 */
export function formatSlackSimplified(deliveries: readonly Delivery[]): string {
  const texts = deliveries.map((each) => simplifiedLines(each).join('\n'));
  return slackMessage(withoutPings(texts.join('\n\n')));
}

function simplifiedLines(delivery: Delivery): readonly string[] {
  if (delivery.kind === 'alert') return alertLines(delivery.alert).map(escapeSlack);
  const lines = [
    mentionTitle(mentionWords(delivery), escapeToFit),
    beginning(delivery, SIMPLIFIED_CONTENT_LIMIT),
    alsoFound(mentionWords(delivery), ALSO_LIMIT, escapeToFit),
    linkTarget(delivery.mention.link, LINK_LIMIT) ?? '',
  ];
  return lines.filter((line) => line !== '');
}

function beginning(delivery: AnyMention, limit: number): string {
  const hasLink = linkTarget(delivery.mention.link, LINK_LIMIT) !== null;
  return shortContent(mentionWords(delivery), { limit, hasLink, escape: escapeSlack });
}
