import type { Alert } from '../../domain/alert.ts';
import type { Delivery } from '../../domain/delivery.ts';
import type { Ping } from '../../domain/webhook.ts';
import { alertLines, alertWords } from '../alert-words.ts';
import { excerpt, type Piece } from '../excerpt.ts';
import { escapeHtml, excerptHtml, htmlLink, shownLength } from '../html-text.ts';
import type { MarkedText } from '../keyword-marks.ts';
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
import { firstFitting, fitted, httpLink, markdownLink } from '../readable-text.ts';
import {
  escapeTelegram,
  inert,
  pingHtml,
  telegramMessage,
  telegramTime,
  TEXT_LIMIT,
} from './telegram-text.ts';

/*
 * The message that people see in Telegram: keyword and group, the content as a block quotation with
 * the keyword in bold, author and place, further keywords and groups, time and link. It is HTML
 * (core.telegram.org/bots/api#html-style), in which a stranger's words are escaped.
 */

const CONTENT_LIMITS = [600, 400, 200] as const;
const MIN_ALSO_LIMIT = 20;
const LINK_LIMIT = 500;
const PROFILE_LIMIT = 170;
const SHORT_CONTENT_LIMIT = 300;
// Telegram drops all formatting after the hundredth part of a text that has some, and says nothing:
// core.telegram.org/method/messages.sendMessage, limits.tginfo.me. Title, quote, author, time and
// link have one each; a keyword has one for each occurrence.
const MAX_ENTITIES = 100;
const OTHER_ENTITIES = 5;

/**
 * Returns the message for one delivery, or for up to five that had waited, each whole, as JSON. It
 * pings on its first line. Within Telegram's limits, whatever the deliveries hold.
 */
export function formatTelegram(deliveries: readonly Delivery[], ping: Ping | null = null): string {
  const pinged = ping === null ? '' : `${pingHtml(ping)} `;
  const heading = deliveries.length === 1 ? [] : [countWords(deliveries)];
  const maxMarks = Math.floor((MAX_ENTITIES - 1) / deliveries.length) - OTHER_ENTITIES;
  const html = firstFitting(
    CONTENT_LIMITS,
    (limit) => {
      const items = deliveries.map((delivery) => telegramHtml(delivery, limit, maxMarks));
      return pinged + [...heading, ...items].join('\n\n');
    },
    (built) => shownLength(built) <= TEXT_LIMIT,
  );
  return telegramMessage(html, 'HTML');
}

/**
 * Returns the same message as plain text, with at most 300 characters of content per mention. It
 * pings nobody. Used after a refusal.
 */
export function formatTelegramSimplified(deliveries: readonly Delivery[]): string {
  const separator = '\n\n';
  const share = Math.floor(TEXT_LIMIT / deliveries.length) - separator.length;
  const texts = deliveries.map((delivery) => simplifiedLines(delivery, share).join('\n'));
  return telegramMessage(texts.join(separator));
}

/** Returns one delivery as HTML. */
export function telegramHtml(
  delivery: Delivery,
  contentLimit = 600,
  maxMarks = MAX_ENTITIES - 1 - OTHER_ENTITIES,
): string {
  const lines =
    delivery.kind === 'alert'
      ? alertHtml(delivery.alert)
      : mentionHtml(delivery, contentLimit, maxMarks);
  return lines.filter((line) => line !== '').join('\n');
}

function mentionHtml(delivery: AnyMention, contentLimit: number, maxMarks: number): string[] {
  const words = mentionWords(delivery);
  const { content, place, verb, atMs } = words;
  const link = httpLink(delivery.mention.link, LINK_LIMIT);
  const known = [authorHtml(words), escapeToFit(place, PLACE_LIMIT)].filter((text) => text !== '');
  return [
    `<b>${mentionTitle(words, escapeToFit)}</b>`,
    content === null ? recoveredNote(link !== null) : quoteHtml(content, contentLimit, maxMarks),
    known.length === 0 ? '' : `— ${known.join(' · ')}`,
    alsoFound(words, Math.max(MIN_ALSO_LIMIT, contentLimit / 3), escapeToFit),
    `${verb} ${telegramTime(atMs)}`,
    link === null ? '' : htmlLink(link, 'Open post'),
  ];
}

function quoteHtml(content: MarkedText, limit: number, maxMarks: number): string {
  const shown = excerpt(
    content,
    limit,
    (pieces) =>
      // The invisible word joiners count.
      shownLength(htmlOf(pieces)) <= limit &&
      pieces.filter(({ marked }) => marked).length <= maxMarks,
  );
  return shown.length === 0 ? '' : `<blockquote>${htmlOf(shown)}</blockquote>`;
}

function htmlOf(pieces: readonly Piece[]): string {
  return excerptHtml(pieces, escapeTelegram);
}

function authorHtml({ author, profile }: MentionWords): string {
  const name = escapeToFit(author, AUTHOR_LIMIT);
  const link = httpLink(profile, PROFILE_LIMIT);
  return link === null ? name : htmlLink(link, name);
}

function alertHtml(alert: Alert): string[] {
  const { title, about, times, next, status, foundAtMs } = alertWords(alert);
  const found = `found ${telegramTime(foundAtMs)}`;
  return [
    `<b>${title}</b>`,
    escapeTelegram(about ?? ''),
    ...times.map(({ name, atMs }) => `${name}: ${atMs === null ? 'unknown' : telegramTime(atMs)}`),
    escapeHtml(next),
    status === null ? found : `${escapeTelegram(status)} · ${found}`,
  ];
}

function simplifiedLines(delivery: Delivery, limit: number): readonly string[] {
  if (delivery.kind === 'alert') return alertLines(delivery.alert).map(inert);
  const words = mentionWords(delivery);
  const link = markdownLink(delivery.mention.link, Math.floor(limit / 2)) ?? '';
  const fit = (text: string, most: number) => fitted(text, most, inert);
  const title = mentionTitle(words, fit);
  const also = alsoFound(words, Math.max(MIN_ALSO_LIMIT, limit / 6), fit);
  const lineBreaks = 3;
  const room = limit - title.length - also.length - link.length - lineBreaks;
  const content = shortContent(words, {
    limit: Math.min(SHORT_CONTENT_LIMIT, room),
    hasLink: link !== '',
    escape: inert,
  });
  return [title, content, also, link].filter((line) => line !== '');
}

function escapeToFit(text: string, limit: number): string {
  return fitted(text, limit, escapeTelegram);
}
