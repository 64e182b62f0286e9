import type { Delivery } from '../../domain/delivery.ts';
import type { Ping } from '../../domain/webhook.ts';
import { alertWords, type AlertWords } from '../alert-words.ts';
import { excerpt, textOf } from '../excerpt.ts';
import {
  alsoFound,
  AUTHOR_LIMIT,
  countWords,
  mentionTitle,
  mentionWords,
  PLACE_LIMIT,
  recoveredNote,
  type MentionWords,
} from '../mention-words.ts';
import { firstFitting, fitted, httpLink, utcText } from '../readable-text.ts';
import { fitsNtfy, linkInHeader, ntfyJson, viewAction, type NtfyMessage } from './ntfy-json.ts';

/*
 * The notification that people see by ntfy: keyword and group as its title, then the quoted content,
 * author, place and time, further keywords and groups. A tap opens the post, and buttons open the post
 * and the author's profile. It is plain text, of which ntfy interprets nothing: its Markdown is off, since not all apps have it.
 */

const CONTENT_LIMITS = [600, 300, 120, 60, 20] as const;
// Of a batch with less content, only keywords, groups and links are shown.
const MIN_CONTENT_WITH_PARTICULARS = 60;
const MIN_ALSO_LIMIT = 20;
const LINK_LIMIT = 500;
const PROFILE_LIMIT = 170;
const SIMPLIFIED_CONTENT_LIMITS = [300, 100, 20] as const;

const PRIORITIES: Readonly<Record<AlertWords['tone'], { readonly priority?: number }>> = {
  severe: { priority: 5 },
  warning: { priority: 4 },
  good: {},
  neutral: {},
};

/**
 * Returns the message for one delivery, or for up to five that had waited, each whole, as JSON. A ping
 * is its priority. Within ntfy's limits, whatever the deliveries hold.
 */
export function formatNtfy(
  deliveries: readonly Delivery[],
  topic: string,
  ping: Ping | null = null,
): string {
  const [only] = deliveries;
  const urgent = ping === null ? {} : { priority: ping.text === 'max' ? 5 : 4 };
  if (only === undefined || deliveries.length > 1)
    return fittingBatch(deliveries, topic, CONTENT_LIMITS, urgent);
  return ntfyJson({ ...ntfyMessage(only), ...urgent }, topic);
}

/** Returns the same message with nothing but title and text, and less content. Used after a refusal. */
export function formatNtfySimplified(deliveries: readonly Delivery[], topic: string): string {
  return fittingBatch(deliveries, topic, SIMPLIFIED_CONTENT_LIMITS);
}

/** Returns the message of one delivery. */
export function ntfyMessage(delivery: Delivery): NtfyMessage {
  if (delivery.kind === 'alert') return alertMessage(alertWords(delivery.alert));
  const words = mentionWords(delivery);
  const link = httpLink(delivery.mention.link, LINK_LIMIT);
  const profile = httpLink(words.profile, PROFILE_LIMIT);
  const actions = [
    ...(link === null ? [] : [viewAction('Open post', link)]),
    ...(profile === null ? [] : [viewAction('Open profile', profile)]),
  ];
  return {
    title: mentionTitle(words, fitted),
    message: joined([quote(words, 600, link), particulars(words), also(words, 600)]),
    tags: [delivery.kind === 'recovered' ? 'mag' : 'speech_balloon'],
    ...(link !== null && { click: linkInHeader(link) }),
    ...(actions.length > 0 && { actions }),
  };
}

function fittingBatch(
  deliveries: readonly Delivery[],
  topic: string,
  limits: readonly [number, ...number[]],
  more: { readonly priority?: number } = {},
): string {
  const [first] = deliveries;
  const title =
    first === undefined || deliveries.length > 1 ? countWords(deliveries) : titleOf(first);
  const build = (limit: number): NtfyMessage => ({
    title,
    message: deliveries
      .map((delivery) => itemLines(delivery, limit, deliveries.length > 1).join('\n'))
      .join('\n\n'),
    ...more,
  });
  return ntfyJson(
    firstFitting(limits, build, (built) => fitsNtfy(built, topic)),
    topic,
  );
}

function titleOf(delivery: Delivery): string {
  return delivery.kind === 'alert'
    ? alertWords(delivery.alert).title
    : mentionTitle(mentionWords(delivery), fitted);
}

function itemLines(delivery: Delivery, limit: number, titled: boolean): string[] {
  if (delivery.kind === 'alert')
    return alertMessage(alertWords(delivery.alert)).message.split('\n');
  const words = mentionWords(delivery);
  const link = httpLink(delivery.mention.link, Math.min(LINK_LIMIT, 7 * limit));
  const lines = [
    titled ? mentionTitle(words, fitted) : '',
    quote(words, limit, link),
    limit < MIN_CONTENT_WITH_PARTICULARS ? '' : particulars(words),
    also(words, limit),
    link ?? '',
  ];
  const shown = lines.filter((line) => line !== '');
  // ntfy shows the word "triggered" for an empty message.
  return shown.length === 0 ? [particulars(words)] : shown;
}

function quote({ content }: MentionWords, limit: number, link: string | null): string {
  if (content === null) return recoveredNote(link !== null);
  const shown = textOf(excerpt(content, limit));
  return shown === '' ? '' : `“${shown}”`;
}

/** Returns the line of further keywords and groups. */
function also(words: MentionWords, contentLimit: number): string {
  return alsoFound(words, Math.max(MIN_ALSO_LIMIT, contentLimit / 3));
}

function joined(lines: readonly string[]): string {
  return lines.filter((line) => line !== '').join('\n');
}

function particulars({ author, place, verb, atMs }: MentionWords): string {
  const known = [
    fitted(author, AUTHOR_LIMIT),
    fitted(place, PLACE_LIMIT),
    `${verb} ${utcText(atMs)}`,
  ];
  return `— ${known.filter((text) => text !== '').join(' · ')}`;
}

function alertMessage({
  title,
  tone,
  about,
  times,
  next,
  status,
  foundAtMs,
}: AlertWords): NtfyMessage {
  const found = `found ${utcText(foundAtMs)}`;
  const lines = [
    about ?? '',
    ...times.map(({ name, atMs }) => `${name}: ${atMs === null ? 'unknown' : utcText(atMs)}`),
    next,
    status === null ? found : `${status} · ${found}`,
  ];
  return {
    title,
    message: joined(lines),
    ...PRIORITIES[tone],
  };
}
