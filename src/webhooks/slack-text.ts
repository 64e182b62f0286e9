import { fitted, httpLink } from './readable-text.ts';

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
