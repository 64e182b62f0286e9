import type { Delivery } from '../../domain/delivery.ts';
import type { Ping } from '../../domain/webhook.ts';
import { mentionKey } from '../../domain/mention.ts';
import { alertLines, alertWords, type AlertWords } from '../alert-words.ts';
import { excerpt, quoted, type Piece } from '../excerpt.ts';
import { escapeHtml, excerptHtml, htmlLink } from '../html-text.ts';
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
import { firstFitting, fitted, httpLink, utcText } from '../readable-text.ts';
import {
  cardMessage,
  MAX_BYTES,
  openPost,
  paragraph,
  textMessage,
  type ChatSection,
  type ChatWidget,
} from './googlechat-cards.ts';

/*
 * The message that people see in Google Chat: a card with a section for each mention, which has
 * keyword and group, the quoted content with the keyword in bold, author, place and time, further
 * keywords and groups, and a button to the post. A stranger's words stand only in paragraphs, which are
 * HTML, escaped: there nothing pings, and `<users/all>` is text. A card has no times that follow its
 * reader's zone.
 *
 * All mentions of a post share a thread.
 */

const CONTENT_LIMITS = [600, 300, 120, 60] as const;
const MIN_ALSO_LIMIT = 20;
const SIMPLIFIED_ALSO_LIMIT = 150;
const LINK_LIMIT = 500;
const PROFILE_LIMIT = 170;
const FALLBACK_CONTENT_LIMIT = 150;
const SIMPLIFIED_CONTENT_LIMIT = 300;

const COLORS: Readonly<Record<AlertWords['tone'], string>> = {
  severe: '#c5221f',
  warning: '#b06000',
  good: '#188038',
  neutral: '#1a73e8',
};

/**
 * Returns the message for one delivery, or for up to ten that had waited, each whole, as JSON. It
 * pings above its card. Within Google Chat's limits, whatever the deliveries hold.
 */
export function formatGoogleChat(
  deliveries: readonly Delivery[],
  ping: Ping | null = null,
): string {
  const heading = deliveries.length === 1 ? [] : [{ widgets: [paragraph(countWords(deliveries))] }];
  const [fallback, thread] = [fallbackText(deliveries), threadOf(deliveries)];
  return firstFitting(
    CONTENT_LIMITS,
    (limit) => {
      const sections = deliveries.map((delivery) => chatSection(delivery, limit));
      return cardMessage(fallback, [...heading, ...sections], thread, ping);
    },
    (message) => Buffer.byteLength(message) <= MAX_BYTES,
  );
}

/**
 * Returns the same message as text without a card, with at most 300 characters of content per mention.
 * Used after a refusal.
 */
export function formatGoogleChatSimplified(deliveries: readonly Delivery[]): string {
  return textMessage(deliveries.map((each) => simplifiedLines(each).join('\n')).join('\n\n'));
}

/** Returns one delivery's part of a card. */
export function chatSection(delivery: Delivery, contentLimit = 600): ChatSection {
  return {
    widgets:
      delivery.kind === 'alert'
        ? alertWidgets(alertWords(delivery.alert))
        : mentionWidgets(delivery, contentLimit),
  };
}

function mentionWidgets(delivery: AnyMention, contentLimit: number): ChatWidget[] {
  const words = mentionWords(delivery);
  const { content, place, verb, atMs } = words;
  const link = httpLink(delivery.mention.link, LINK_LIMIT);
  const particulars = [
    authorHtml(words),
    escapeToFit(place, PLACE_LIMIT),
    `${verb} ${utcText(atMs)}`,
  ];
  const also = alsoFound(words, Math.max(MIN_ALSO_LIMIT, contentLimit / 3), escapeToFit);
  const quote = content === null ? recoveredNote(link !== null) : quoteHtml(content, contentLimit);
  return [
    paragraph(`<b>${mentionTitle(words, escapeToFit)}</b>`),
    ...(quote === '' ? [] : [paragraph(quote)]),
    paragraph(`— ${particulars.filter((text) => text !== '').join(' · ')}`),
    ...(also === '' ? [] : [paragraph(also)]),
    ...(link === null ? [] : [openPost(link)]),
  ];
}

function quoteHtml(content: MarkedText, limit: number): string {
  // Many marks, and escapes, take more space than their text.
  const shown = excerpt(content, limit, (pieces) => htmlOf(pieces).length <= 2 * limit);
  return shown.length === 0 ? '' : htmlOf(quoted(shown));
}

function htmlOf(pieces: readonly Piece[]): string {
  return excerptHtml(pieces, (text) => escapeHtml(text).replaceAll('\n', '<br>'));
}

function authorHtml({ author, profile }: MentionWords): string {
  const name = escapeToFit(author, AUTHOR_LIMIT);
  const link = httpLink(profile, PROFILE_LIMIT);
  return link === null ? name : htmlLink(link, name);
}

function alertWidgets(words: AlertWords): ChatWidget[] {
  const { title, tone, about, times, next, status, foundAtMs } = words;
  const known = times.map(
    ({ name, atMs }) => `${name}: ${atMs === null ? 'unknown' : utcText(atMs)}`,
  );
  const found = `found ${utcText(foundAtMs)}`;
  return [
    paragraph(`<font color="${COLORS[tone]}"><b>${title}</b></font>`),
    ...(about === null ? [] : [paragraph(escapeHtml(about))]),
    ...(known.length === 0 ? [] : [paragraph(known.join('<br>'))]),
    paragraph(escapeHtml(next)),
    paragraph(status === null ? found : `${escapeHtml(status)} · ${found}`),
  ];
}

/** Returns one line: a single mention with its content, of several only their number. */
function fallbackText(deliveries: readonly Delivery[]): string {
  const [only] = deliveries;
  if (only === undefined || deliveries.length > 1) return countWords(deliveries);
  if (only.kind === 'alert') return alertLines(only.alert)[0];
  const title = mentionTitle(mentionWords(only), fitted);
  const content = beginning(only, FALLBACK_CONTENT_LIMIT);
  return content === '' ? title : `${title}: ${content}`;
}

/** Returns the thread of the only post that mentions are about; null if there is no such post. */
function threadOf(deliveries: readonly Delivery[]): string | null {
  const keys = deliveries.map((delivery) =>
    delivery.kind === 'mention' ? mentionKey(delivery.mention, 'post') : null,
  );
  const [key = null] = keys;
  return keys.every((other) => other === key) ? key : null;
}

function simplifiedLines(delivery: Delivery): readonly string[] {
  if (delivery.kind === 'alert') return alertLines(delivery.alert);
  const link = httpLink(delivery.mention.link, LINK_LIMIT) ?? '';
  const title = mentionTitle(mentionWords(delivery), fitted);
  const also = alsoFound(mentionWords(delivery), SIMPLIFIED_ALSO_LIMIT);
  const lines = [title, beginning(delivery, SIMPLIFIED_CONTENT_LIMIT), also, link];
  return lines.filter((line) => line !== '');
}

function beginning(delivery: AnyMention, limit: number): string {
  const hasLink = httpLink(delivery.mention.link, LINK_LIMIT) !== null;
  return shortContent(mentionWords(delivery), { limit, hasLink });
}

function escapeToFit(text: string, limit: number): string {
  return fitted(text, limit, escapeHtml);
}
