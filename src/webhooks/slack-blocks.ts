import { utcText } from './utc-text.ts';

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
