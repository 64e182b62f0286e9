import type { Ping, PingRange } from '../../domain/webhook.ts';
import { utcText, fitted, httpLink } from '../readable-text.ts';

/*
 * The parts of a Slack message: its envelope, blocks, texts, dates and links, with the escaping that
 * each needs, and blocks read back as text. The words in them come from slack-message.ts.
 */

/** A block of a message: docs.slack.dev/reference/block-kit/blocks. */
export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText }
  | { readonly type: 'section'; readonly fields: readonly (PlainText | Mrkdwn)[] }
  | { readonly type: 'rich_text'; readonly elements: readonly [RichTextSection] }
  | { readonly type: 'context'; readonly elements: readonly (PlainText | Mrkdwn)[] }
  | { readonly type: 'divider' };

/** Paragraphs of literal text: docs.slack.dev/reference/block-kit/blocks/rich-text-block. */
export interface RichTextSection {
  readonly type: 'rich_text_section';
  readonly elements: readonly RichText[];
}

/** Text that Slack shows literally, entities too: unlike in other texts, nothing is escaped. */
export type RichText =
  | { readonly type: 'text'; readonly text: string; readonly style?: { readonly bold: true } }
  | { readonly type: 'link'; readonly url: string; readonly text: string }
  | SlackPing;

/** The elements that ping: docs.slack.dev/reference/block-kit/block-elements. */
type SlackPing =
  | { readonly type: 'user'; readonly user_id: string }
  | { readonly type: 'usergroup'; readonly usergroup_id: string }
  | { readonly type: 'broadcast'; readonly range: PingRange };

/** Text that Slack shows literally once it is escaped. */
export interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  /** False: `:name:` stays text. */
  readonly emoji: false;
}

/** Text with formatting and links: for our own words only. */
export interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
  /** True: only text written as a link becomes one. */
  readonly verbatim: true;
}

/**
 * Slack refuses a message whose blocks have more than about 13,000 characters as JSON, with the ids
 * that it adds to them (github.com/slackapi/bolt-js/issues/2509).
 */
export const BLOCKS_LIMIT = 12_000;
/** Mattermost takes 16,383 characters in a post, Rocket.Chat 5,000 unless its admin says otherwise. */
export const PLAIN_TEXT_LIMIT = 5_000;

// Later dates are written out: no real mention has one, and Slack may not know them.
const LAST_DATE_SECONDS = Date.UTC(2100, 0, 1) / 1000;

/**
 * Returns a message's JSON. Slack never unfurls links in it: a preview would put a stranger's picture
 * and words into the channel.
 *
 * @param text escaped already, by {@link withoutPings} too; shown where blocks can't be
 */
export function slackMessage(text: string, blocks: readonly SlackBlock[] = []): string {
  return JSON.stringify({
    text,
    mrkdwn: false,
    ...(blocks.length > 0 && { blocks }),
    unfurl_links: false,
    unfurl_media: false,
  });
}

/** Counts the characters that all blocks of a message share. */
export function charactersOf(blocks: readonly SlackBlock[]): number {
  return JSON.stringify(blocks).length;
}

/** @param text escaped already, not empty. */
export function plainText(text: string): PlainText {
  return { type: 'plain_text', text, emoji: false };
}

/** @param text our own words and {@link slackDate}. */
export function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** Returns a section of one literal text. */
export function plainSection(text: string): SlackBlock {
  return { type: 'section', text: plainText(text) };
}

/** Returns a block of literal text, not empty. */
export function richText(elements: readonly RichText[]): SlackBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

/** @param text not escaped, not empty. */
export function literal(text: string, bold = false): RichText {
  return { type: 'text', text, ...(bold && { style: { bold } }) };
}

/** Returns the block that pings. Its ids are the operator's: text never pings. */
export function pingBlock(ping: Ping): SlackBlock {
  return richText([pingElement(ping)]);
}

function pingElement(ping: Ping): SlackPing {
  switch (ping.kind) {
    case 'user':
      return { type: 'user', user_id: ping.id };
    case 'group':
      return { type: 'usergroup', usergroup_id: ping.id };
    case 'all':
      return { type: 'broadcast', range: ping.range };
  }
}

/**
 * Writes a time for mrkdwn: each reader sees it in their own time zone, or in UTC where that fails.
 * Source: docs.slack.dev/messaging/formatting-message-text, "Date formatting".
 */
export function slackDate(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  const utc = utcText(timeMs);
  if (seconds < 0 || seconds > LAST_DATE_SECONDS) return utc;
  return `<!date^${seconds}^{date_short_pretty} at {time}|${utc}>`;
}

/**
 * Escapes the three characters that begin Slack's links, pings and entities.
 *
 * Source: docs.slack.dev/messaging/formatting-message-text, "Escaping text": text objects need these
 * escaped, and no others are decoded.
 */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Escapes a text and cuts it as {@link fitted} does. A limit of 6 or more leaves no text empty. */
export function escapeToFit(text: string, limit: number): string {
  return fitted(text, limit, escapeSlack);
}

/**
 * Returns the link of {@link httpLink} escaped for `<link|label>`, or null if there is none or it is
 * longer than `limit` then.
 */
export function linkTarget(foreign: string, limit: number): string | null {
  const link = httpLink(foreign, limit);
  if (link === null) return null;
  // A bar would begin the label.
  const target = escapeSlack(link.replaceAll('|', '%7C'));
  return target.length <= limit ? target : null;
}

/**
 * Disarms `@here`, `@channel` and `@everyone` by an invisible word joiner after the `@`: Slack looks
 * for them in a message's top-level text (docs.slack.dev/messaging/formatting-message-text,
 * "Automatic parsing").
 */
export function withoutPings(text: string): string {
  return text.replace(/@(?=here|channel|everyone)/gi, '@\u2060');
}

/** Shows a block as lines of text, with times in UTC and links written out. */
export function blockAsText(block: SlackBlock): string[] {
  switch (block.type) {
    case 'header':
      return textOf(block.text).split('\n');
    case 'section':
      return ('text' in block ? [block.text] : block.fields).flatMap((text) =>
        textOf(text).split('\n'),
      );
    case 'rich_text':
      return block.elements
        .flatMap(({ elements }) => elements)
        .map((part) => {
          if (part.type === 'link') return `${part.text}: ${part.url}`;
          return part.type === 'text' ? part.text : '';
        })
        .join('')
        .split('\n');
    case 'context':
      return [block.elements.map(textOf).join(' · ')];
    case 'divider':
      return ['---'];
  }
}

function textOf({ type, text }: PlainText | Mrkdwn): string {
  if (type === 'plain_text') return unescaped(text);
  return unescaped(
    text
      .replaceAll(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
      .replaceAll(/\*?<([^|>]*)\|([^>]*)>\*?/g, '$2: $1'),
  );
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
