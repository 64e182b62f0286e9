import { utcText, fitted, httpLink } from '../readable-text.ts';

/** A part of a message, as docs.slack.dev/reference/block-kit/blocks describes them. */
export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText }
  | { readonly type: 'section'; readonly fields: readonly (PlainText | Mrkdwn)[] }
  | { readonly type: 'context'; readonly elements: readonly (PlainText | Mrkdwn)[] }
  | { readonly type: 'divider' };

/** Text that Slack shows as it is: the only place for a stranger's words. */
export interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  /** False: `:name:` is shown as it is written. */
  readonly emoji: false;
}

/** Text with formatting and links: for our own words only. */
export interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
  /** True: nothing but what is written as a link becomes one. */
  readonly verbatim: true;
}

// Of Slack's date tokens, with a margin on both sides of what a mention can hold.
const LAST_DATE_SECONDS = Date.UTC(2100, 0, 1) / 1000;

/** @param text escaped already, not empty. */
export function plainText(text: string): PlainText {
  return { type: 'plain_text', text, emoji: false };
}

/** @param text our own words, and what {@link slackDate} gives. */
export function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** A section of one literal text. */
export function plainSection(text: string): SlackBlock {
  return { type: 'section', text: plainText(text) };
}

/**
 * A time for mrkdwn, as each reader's Slack writes it, in their own time zone, or in UTC where that
 * fails. Source: docs.slack.dev/messaging/formatting-message-text, "Date formatting".
 */
export function slackDate(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  const utc = utcText(timeMs);
  if (seconds < 0 || seconds > LAST_DATE_SECONDS) return utc;
  return `<!date^${seconds}^{date_short_pretty} at {time}|${utc}>`;
}

/**
 * Takes their meaning from the three characters with which Slack begins links, pings and
 * entities.
 *
 * Source: docs.slack.dev/messaging/formatting-message-text, "Escaping text": they are to be
 * escaped in text objects, and no others are decoded.
 */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * The text escaped, in at most `limit` UTF-16 units, as {@link fitted} cuts it. Not empty if the
 * text is not and the limit is 6 or more.
 */
export function escapeToFit(text: string, limit: number): string {
  return fitted(text, limit, escapeSlack);
}

/**
 * A link as {@link httpLink} gives it, escaped for `<link|label>`, or null if it is none or is
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
 * Keeps `@here`, `@channel` and `@everyone` in a message's top-level text from being read as pings:
 * Slack parses that text by itself, as docs.slack.dev/messaging/formatting-message-text,
 * "Automatic parsing", says. An invisible word joiner after the `@` leaves them to be read by
 * people only.
 */
export function withoutPings(text: string): string {
  return text.replace(/@(?=here|channel|everyone)/gi, '@\u2060');
}
