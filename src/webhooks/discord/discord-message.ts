import type { Alert } from '../../domain/alert.ts';
import type { Delivery } from '../../domain/delivery.ts';
import { alertLines, alertWords, type AlertWords } from '../alert-words.ts';
import {
  countWords,
  mentionWords,
  NEW_MENTION,
  recoveredNote,
  type AnyMention,
  type MentionWords,
} from '../mention-words.ts';
import { firstFitting, fitted, markdownLink, readableLine, utcText } from '../readable-text.ts';
import { escapeDiscord, escapeToFit } from './discord-text.ts';

/*
 * How a mention looks in Discord, and why.
 *
 * Each mention is an embed: the group above, as its author; the keyword as its title; the quoted
 * content and the link; and below, the author and where in the post, beside the time, which each
 * reader sees in their own time zone. An embed's author and footer are literal, all else is Markdown:
 * there a stranger's words are escaped. Nobody is pinged: embeds never do, and `allowed_mentions` is
 * empty.
 *
 * The link stands in the text, not on the title: of several embeds of one message with the same
 * `url`, Discord shows the first alone (docs.discord.com/developers/resources/message, "Embed
 * Limits"), and one post can be spotted more than once.
 *
 * The line above the embeds is what a notification shows, and what remains where embeds are off.
 */

/** A part of a message, as docs.discord.com/developers/resources/message, "Embed Object", has it. */
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

// All embeds of a message share 6,000 characters. Five with everything at its limit have 700 for
// the content of each, but for long links and escapes, and then it is cut shorter.
const TOTAL_LIMIT = 6_000;
const CONTENT_LIMITS = [600, 400, 200] as const;
const KEYWORD_LIMIT = 140;
const GROUP_LIMIT = 100;
const AUTHOR_LIMIT = 80;
const POSITION_LIMIT = 40;
const LINK_LIMIT = 500;
const SHORT_CONTENT_LIMIT = 300;
const MESSAGE_LIMIT = 2_000;
// Discord's own date range is wider; no mention is from before or after.
const LAST_TIME_MS = Date.UTC(2100, 0, 1);

const COLORS = { mention: 0x6d5ef5, recovered: 0x8a8fa3 } as const;
const TONES: Readonly<Record<AlertWords['tone'], number>> = {
  severe: 0xd83a42,
  warning: 0xf2a33a,
  good: 0x2e9e6b,
  neutral: 0x4a8fd6,
};
/** docs.discord.com/developers/resources/message, "Message Flags": no preview of what is linked. */
const SUPPRESS_EMBEDS = 4;

/**
 * The message for one delivery, or for up to five that had waited, each whole, as JSON. Within all
 * of Discord's documented limits, whatever they hold.
 */
export function formatDiscord(deliveries: readonly Delivery[]): string {
  const embeds = firstFitting(
    CONTENT_LIMITS,
    (limit) => deliveries.map((delivery) => discordEmbed(delivery, limit)),
    (built) => charactersOf(built) <= TOTAL_LIMIT,
  );
  return discordMessage(headline(deliveries), { embeds });
}

/**
 * The same without embeds, as one short text, at most 2,000 characters. For a message that was
 * refused.
 */
export function formatDiscordPlain(deliveries: readonly Delivery[]): string {
  const separator = '\n\n';
  const share = Math.floor(MESSAGE_LIMIT / deliveries.length) - separator.length;
  const texts = deliveries.map((delivery) => plainLines(delivery, share).join('\n'));
  return discordMessage(texts.join(separator), { flags: SUPPRESS_EMBEDS });
}

/** @param content escaped already. */
export function discordMessage(
  content: string,
  more: { readonly embeds?: readonly DiscordEmbed[]; readonly flags?: number } = {},
): string {
  return JSON.stringify({ content, ...more, allowed_mentions: { parse: [] } });
}

/** The line above the embeds. */
export function headline(deliveries: readonly Delivery[]): string {
  const [only] = deliveries;
  if (only === undefined || deliveries.length > 1) return countWords(deliveries);
  if (only.kind === 'alert') return `**${alertWords(only.alert).title}**`;
  const keyword = escapeToFit(mentionWords(only).keyword, KEYWORD_LIMIT);
  const name = only.kind === 'recovered' ? 'Recovered mention' : NEW_MENTION;
  return keyword === '' ? name : `${name} of ${keyword}`;
}

/** One delivery's embed. */
export function discordEmbed(delivery: Delivery, contentLimit = 600): DiscordEmbed {
  return delivery.kind === 'alert'
    ? alertEmbed(delivery.alert)
    : mentionEmbed(delivery, contentLimit);
}

function mentionEmbed(delivery: AnyMention, contentLimit: number): DiscordEmbed {
  const words = mentionWords(delivery);
  const { keyword, group, author, place, verb, atMs } = words;
  const time = timestampOf(atMs);
  const footer = [
    fitted(author, AUTHOR_LIMIT),
    fitted(place, POSITION_LIMIT),
    time === null ? `${verb} ${utcText(atMs)}` : verb === 'received' ? verb : '',
  ].filter((text) => text !== '');
  const description = descriptionOf(words, delivery.mention.link, contentLimit);
  return {
    ...(group !== '' && { author: { name: fitted(group, GROUP_LIMIT) } }),
    title: keyword === '' ? NEW_MENTION : escapeToFit(keyword, KEYWORD_LIMIT),
    ...(description !== '' && { description }),
    ...(footer.length > 0 && { footer: { text: footer.join(' · ') } }),
    ...(time !== null && { timestamp: time }),
    color: COLORS[delivery.kind],
  };
}

function descriptionOf({ content }: MentionWords, foreign: string, contentLimit: number): string {
  const link = markdownLink(foreign, LINK_LIMIT);
  const quote = content === null ? recoveredNote(link !== null) : quoted(content, contentLimit);
  const open = link === null ? '' : `**[Open post](${link})**`;
  return [quote, open].filter((text) => text !== '').join('\n\n');
}

function quoted(content: string, limit: number): string {
  return content === '' ? '' : `“${escapeToFit(content, limit)}”`;
}

function alertEmbed(alert: Alert): DiscordEmbed {
  const { about, times, next, status, foundAtMs, tone } = alertWords(alert);
  const time = timestampOf(foundAtMs);
  const footer = [status ?? '', time === null ? `found ${utcText(foundAtMs)}` : 'found'];
  return {
    // A status can be as long as its limit, a group's name too: both are cut there already.
    ...(about !== null && { title: escapeToFit(about, 256) }),
    description: escapeDiscord(next),
    ...(times.length > 0 && {
      fields: times.map(({ name, atMs }) => ({
        name,
        value: atMs === null ? 'not known' : discordTime(atMs),
        inline: true,
      })),
    }),
    footer: { text: footer.filter((text) => text !== '').join(' · ') },
    ...(time !== null && { timestamp: time }),
    color: TONES[tone],
  };
}

function plainLines(delivery: Delivery, limit: number): readonly string[] {
  if (delivery.kind === 'alert') {
    const [what, next] = alertLines(delivery.alert);
    const follows = escapeDiscord(next);
    return [escapeToFit(what, limit - follows.length - 1), follows];
  }
  const { keyword, group } = mentionWords(delivery);
  const link = markdownLink(delivery.mention.link, Math.floor(limit / 2)) ?? '';
  const about = [keyword === '' ? NEW_MENTION : keyword, group].filter((text) => text !== '');
  const title = escapeToFit(about.join(' in '), 120);
  const lineBreaks = 2;
  const room = limit - title.length - link.length - lineBreaks;
  const content =
    delivery.kind === 'mention'
      ? escapeToFit(readableLine(delivery.mention.content), Math.min(room, SHORT_CONTENT_LIMIT))
      : recoveredNote(link !== '');
  return [title, content, link].filter((line) => line !== '');
}

/** As each reader's Discord writes it: docs.discord.com/developers/reference, "Timestamp Styles". */
function discordTime(timeMs: number): string {
  return timestampOf(timeMs) === null ? utcText(timeMs) : `<t:${Math.floor(timeMs / 1000)}:f>`;
}

function timestampOf(timeMs: number): string | null {
  return timeMs >= 0 && timeMs <= LAST_TIME_MS ? new Date(timeMs).toISOString() : null;
}

/** What counts toward the limit of all embeds together. */
function charactersOf(embeds: readonly DiscordEmbed[]): number {
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
