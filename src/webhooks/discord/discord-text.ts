import { fitted } from '../readable-text.ts';

// What begins formatting, a mention, a link, an emoji or a time anywhere in a line.
const MARKS = /[\\*_~`|<>[\]()@#:]/g;
// What begins a heading, a quote or a list, and only at the beginning of a line.
const AT_LINE_START = /^([-+]|\d+(?=[.)]))/gm;

/**
 * Takes the meaning from everything that Discord's Markdown interprets: formatting, headings, lists,
 * quotes, spoilers, masked and bare links, mentions, custom emoji and times. Discord shows what
 * follows a backslash as it is, and no backslash. Text is shown as it was written, but web addresses
 * in it can't be clicked.
 *
 * Sources: support.discord.com, "Markdown Text 101"; docs.discord.com/developers/reference, "Message
 * Formatting".
 */
export function escapeDiscord(text: string): string {
  return text
    .replace(MARKS, '\\$&')
    .replace(AT_LINE_START, (mark) => (/\d/.test(mark) ? `${mark}\\` : `\\${mark}`));
}

/** The text escaped, in at most `limit` characters, as {@link fitted} cuts it. */
export function escapeToFit(text: string, limit: number): string {
  return fitted(text, limit, escapeDiscord);
}
