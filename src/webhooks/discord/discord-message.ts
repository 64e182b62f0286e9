import type { Alert } from '../../domain/alert.ts';
import type { Delivery } from '../../domain/delivery.ts';
import type { Ping } from '../../domain/webhook.ts';
import { alertLines, alertWords, type AlertWords } from '../alert-words.ts';
import {
  alsoFound,
  AUTHOR_LIMIT,
  countWords,
  mentionWords,
  NEW_MENTION,
  PLACE_LIMIT,
  recoveredNote,
  shortContent,
  type AnyMention,
  type MentionWords,
} from '../mention-words.ts';
import { excerpt } from '../excerpt.ts';
import type { MarkedText } from '../keyword-marks.ts';
import { firstFitting, fitted, markdownLink, utcText } from '../readable-text.ts';
import {
  charactersOf,
  COLORS,
  discordMessage,
  discordTime,
  escapeDiscord,
  escapeToFit,
  excerptMarkdown,
  SUPPRESS_EMBEDS,
  timestampOf,
  TOTAL_LIMIT,
  type DiscordEmbed,
} from './discord-embeds.ts';

/*
 * The message that people see in Discord. Each mention is an embed: the group above, as its author;
 * the keyword as its title; the quoted content with the keyword in bold, the mention's author, further
 * keywords and groups, and the link; and below, the place beside the time, which each reader sees in
 * their own time zone. An embed's author and footer are literal. The rest is Markdown, where a stranger's words are escaped.
 * Embeds ping nobody, and `allowed_mentions` lists only the ping that the operator configured.
 *
 * The link stands in the text, not on the title: of several embeds with the same `url`, Discord shows
 * only the first (docs.discord.com/developers/resources/message, "Embed Limits"), and one post can be
 * spotted more than once.
 *
 * The headline above the embeds is shown in notifications, and alone where embeds are off.
 */

// Five embeds with every part at its limit leave 100 characters for each content with its line of
// further keywords and groups.
const CONTENT_LIMITS = [600, 400, 200, 100, 60] as const;
const MIN_ALSO_LIMIT = 30;
const KEYWORD_LIMIT = 140;
const GROUP_LIMIT = 100;
const LINK_LIMIT = 500;
const PROFILE_LIMIT = 170;
const SHORT_CONTENT_LIMIT = 300;
const MESSAGE_LIMIT = 2_000;

// Discord finds `@everyone` whatever is escaped, and behind invisible characters too.
const AT_SIGN = /[@\ufe6b\uff20]/;

const TONES: Readonly<Record<AlertWords['tone'], number>> = {
  severe: 0xd83a42,
  warning: 0xf2a33a,
  good: 0x2e9e6b,
  neutral: 0x4a8fd6,
};

/**
 * Returns the message for one delivery, or for up to five that had waited, each whole, as JSON. It
 * pings on its first line. Within all of Discord's documented limits, whatever the deliveries hold.
 */
export function formatDiscord(deliveries: readonly Delivery[], ping: Ping | null = null): string {
  const embeds = firstFitting(
    CONTENT_LIMITS,
    (limit) => deliveries.map((delivery) => discordEmbed(delivery, limit)),
    (built) => charactersOf(built) <= TOTAL_LIMIT,
  );
  return discordMessage(headline(deliveries, ping), { embeds }, ping);
}

/**
 * Returns the same message without embeds, as one text of at most 2,000 characters. It pings nobody.
 * Used after a refusal.
 */
export function formatDiscordSimplified(deliveries: readonly Delivery[]): string {
  const separator = '\n\n';
  const share = Math.floor(MESSAGE_LIMIT / deliveries.length) - separator.length;
  const texts = deliveries.map((delivery) => simplifiedLines(delivery, share).join('\n'));
  return discordMessage(texts.join(separator), { flags: SUPPRESS_EMBEDS });
}

/** Returns the line above the embeds, which `allowed_mentions` applies to: beside a ping without any `@`. */
export function headline(deliveries: readonly Delivery[], ping: Ping | null = null): string {
  const [only] = deliveries;
  if (only === undefined || deliveries.length > 1) return countWords(deliveries);
  if (only.kind === 'alert') return `**${alertWords(only.alert).title}**`;
  const { keyword } = mentionWords(only);
  const name = only.kind === 'recovered' ? 'Recovered mention' : NEW_MENTION;
  return keyword === '' || (ping !== null && AT_SIGN.test(keyword))
    ? name
    : `${name} of ${escapeToFit(keyword, KEYWORD_LIMIT)}`;
}

/** Returns one delivery's embed. */
export function discordEmbed(delivery: Delivery, contentLimit = 600): DiscordEmbed {
  return delivery.kind === 'alert'
    ? alertEmbed(delivery.alert)
    : mentionEmbed(delivery, contentLimit);
}

function mentionEmbed(delivery: AnyMention, contentLimit: number): DiscordEmbed {
  const words = mentionWords(delivery);
  const { keyword, group, place, verb, atMs } = words;
  const time = timestampOf(atMs);
  const footer = [
    fitted(place, PLACE_LIMIT),
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

function descriptionOf(words: MentionWords, foreign: string, contentLimit: number): string {
  const { content } = words;
  const also = alsoFound(words, Math.max(MIN_ALSO_LIMIT, contentLimit / 2), escapeToFit);
  const link = markdownLink(foreign, LINK_LIMIT);
  const quote = content === null ? recoveredNote(link !== null) : quoteOf(content, contentLimit);
  const open = link === null ? '' : `**[Open post](${link})**`;
  return joined([joined([quote, authorOf(words), also], '\n'), open], '\n\n');
}

function quoteOf(content: MarkedText, limit: number): string {
  const shown = excerpt(content, limit, (pieces) => excerptMarkdown(pieces).length <= limit);
  return shown.length === 0 ? '' : `“${excerptMarkdown(shown)}”`;
}

function authorOf({ author, profile }: MentionWords): string {
  if (author === '') return '';
  const name = escapeToFit(author, AUTHOR_LIMIT);
  const link = markdownLink(profile, PROFILE_LIMIT);
  return `— ${link === null ? name : `[${name}](${link})`}`;
}

function joined(texts: readonly string[], separator: string): string {
  return texts.filter((text) => text !== '').join(separator);
}

function alertEmbed(alert: Alert): DiscordEmbed {
  const { about, times, next, status, foundAtMs, tone } = alertWords(alert);
  const time = timestampOf(foundAtMs);
  const footer = [status ?? '', time === null ? `found ${utcText(foundAtMs)}` : 'found'];
  return {
    ...(about !== null && { title: escapeToFit(about, 256) }),
    description: escapeDiscord(next),
    ...(times.length > 0 && {
      fields: times.map(({ name, atMs }) => ({
        name,
        value: atMs === null ? 'unknown' : discordTime(atMs),
        inline: true,
      })),
    }),
    footer: { text: footer.filter((text) => text !== '').join(' · ') },
    ...(time !== null && { timestamp: time }),
    color: TONES[tone],
  };
}

function simplifiedLines(delivery: Delivery, limit: number): readonly string[] {
  if (delivery.kind === 'alert') {
    const [what, next] = alertLines(delivery.alert);
    const follows = escapeDiscord(next);
    return [escapeToFit(what, limit - follows.length - 1), follows];
  }
  const words = mentionWords(delivery);
  const { keyword, group } = words;
  const link = markdownLink(delivery.mention.link, Math.floor(limit / 2)) ?? '';
  const about = [keyword === '' ? NEW_MENTION : keyword, group].filter((text) => text !== '');
  const title = escapeToFit(about.join(' in '), 120);
  const also = alsoFound(words, Math.max(MIN_ALSO_LIMIT, limit / 6), escapeToFit);
  const lineBreaks = 3;
  const room = limit - title.length - also.length - link.length - lineBreaks;
  const content = shortContent(words, {
    limit: Math.min(room, SHORT_CONTENT_LIMIT),
    hasLink: link !== '',
    escape: escapeDiscord,
  });
  return [title, content, also, link].filter((line) => line !== '');
}
