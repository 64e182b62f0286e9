import type { Ping } from '../../domain/webhook.ts';
import type { Piece } from '../excerpt.ts';
import { fitted, utcText } from '../readable-text.ts';

/*
 * The parts of a Discord message: its envelope, embeds and times, the escaping of Markdown, and
 * embeds read back as text. The words in them come from discord-message.ts.
 */

/** A part of a message: docs.discord.com/developers/resources/message, "Embed Object". */
export interface DiscordEmbed {
  readonly author?: { readonly name: string };
  readonly title?: string;
  readonly description?: string;
  readonly fields?: readonly {
    readonly name: string;
    readonly value: string;
    readonly inline: boolean;
  }[];
  readonly footer?: { readonly text: string };
  /** ISO 8601. */
  readonly timestamp?: string;
  readonly color: number;
}

/** All embeds of a message share so many characters. */
export const TOTAL_LIMIT = 6_000;
/** The colours of mentions. */
export const COLORS = { mention: 0x6d5ef5, recovered: 0x8a8fa3 } as const;
/** docs.discord.com/developers/resources/message, "Message Flags": links get no preview. */
export const SUPPRESS_EMBEDS = 4;

/**
 * Returns a message's JSON. It pings those of `ping` and nobody else.
 *
 * @param content escaped already; with a ping, without any `@`
 */
export function discordMessage(
  content: string,
  more: { readonly embeds?: readonly DiscordEmbed[]; readonly flags?: number } = {},
  ping: Ping | null = null,
): string {
  return JSON.stringify({
    content: ping === null ? content : `${mentionOf(ping)} ${content}`,
    ...more,
    allowed_mentions: allowedBy(ping),
  });
}

function mentionOf(ping: Ping): string {
  if (ping.kind === 'all') return `@${ping.range}`;
  return ping.kind === 'user' ? `<@${ping.id}>` : `<@&${ping.id}>`;
}

/** docs.discord.com/developers/resources/message, "Allowed Mentions Object". */
function allowedBy(ping: Ping | null): object {
  switch (ping?.kind) {
    case undefined:
      return { parse: [] };
    case 'user':
      return { parse: [], users: [ping.id] };
    case 'group':
      return { parse: [], roles: [ping.id] };
    case 'all':
      return { parse: ['everyone'] };
  }
}

// Begins formatting, a mention, a link, an emoji or a time anywhere in a line.
const MARKS = /[\\*_~`|<>[\]()@#:]/g;
// Begins a heading, a quote or a list, and only at the beginning of a line.
const AT_LINE_START = /^([-+]|\d+(?=[.)]))/gm;

/**
 * Escapes all that Discord's Markdown interprets: formatting, headings, lists, quotes, spoilers,
 * masked and bare links, mentions, custom emoji and times. People see the text as it was written,
 * because Discord hides the backslashes, but web addresses in it can't be clicked.
 *
 * Sources: support.discord.com, "Markdown Text 101"; docs.discord.com/developers/reference, "Message
 * Formatting".
 */
export function escapeDiscord(text: string): string {
  return text
    .replace(MARKS, '\\$&')
    .replace(AT_LINE_START, (mark) => (/\d/.test(mark) ? `${mark}\\` : `\\${mark}`));
}

/** Writes an excerpt with its marks in bold. */
export function excerptMarkdown(pieces: readonly Piece[]): string {
  return pieces
    .map(({ text, marked }) => (marked ? `**${escapeDiscord(text)}**` : escapeDiscord(text)))
    .join('');
}

/** Escapes a text and cuts it as {@link fitted} does. */
export function escapeToFit(text: string, limit: number): string {
  return fitted(text, limit, escapeDiscord);
}

// Discord's own date range is wider; no real mention is from before or after.
const LAST_TIME_MS = Date.UTC(2100, 0, 1);

/** Returns an embed's `timestamp`, or null for a time that Discord may not know. */
export function timestampOf(timeMs: number): string | null {
  return timeMs >= 0 && timeMs <= LAST_TIME_MS ? new Date(timeMs).toISOString() : null;
}

/**
 * Writes a time for Markdown: each reader sees it in their own time zone.
 * docs.discord.com/developers/reference, "Timestamp Styles".
 */
export function discordTime(timeMs: number): string {
  return timestampOf(timeMs) === null ? utcText(timeMs) : `<t:${Math.floor(timeMs / 1000)}:f>`;
}

/** Counts the characters that share the limit of all embeds together. */
export function charactersOf(embeds: readonly DiscordEmbed[]): number {
  return embeds
    .flatMap(({ author, title, description, footer, fields = [] }) => [
      author?.name ?? '',
      title ?? '',
      description ?? '',
      footer?.text ?? '',
      ...fields.flatMap(({ name, value }) => [name, value]),
    ])
    .reduce((sum, text) => sum + text.length, 0);
}

/** Shows an embed as lines of text: unescaped, with times in UTC and links written out. */
export function embedAsText(embed: DiscordEmbed): string[] {
  const { author, title, description, fields = [], footer, timestamp } = embed;
  const time = timestamp === undefined ? [] : [utcText(Date.parse(timestamp))];
  return [
    author?.name ?? '',
    markdownAsText(title ?? ''),
    ...markdownAsText(description ?? '').split('\n'),
    ...fields.map(({ name, value }) => `${name}: ${markdownAsText(value)}`),
    [footer?.text ?? '', ...time].filter((text) => text !== '').join(' · '),
  ].filter((line) => line !== '');
}

/** Shows Markdown as text. */
export function markdownAsText(markdown: string): string {
  return markdown
    .replaceAll(/(?<!\\)\*\*/g, '')
    .replaceAll(/(?<!\\)\[((?:\\.|[^\]\\])*)\]\(([^)]*)\)/g, '$1: $2')
    .replaceAll(/(?<!\\)<t:(\d+):f>/g, (_, seconds: string) => utcText(Number(seconds) * 1000))
    .replaceAll(/\\([^A-Za-z0-9\s])/g, '$1');
}
