import { foldText } from '../domain/foreign/folded-text.ts';
import type { Delivery, MentionDelivery, RecoveredDelivery } from '../domain/delivery.ts';
import type { Mention } from '../domain/mention.ts';
import { excerpt, textOf, type Piece } from './excerpt.ts';
import { markedText, type MarkedText } from './keyword-marks.ts';
import { fitted, readable, readableLine } from './readable-text.ts';

/*
 * The words of a mention message, the same in every chat: keyword and group, content, author, place
 * and time. Each type's message file arranges and escapes them. All but our own words is foreign
 * text.
 */

/** A delivery that is a mention, whatever is known of it. */
export type AnyMention = MentionDelivery | RecoveredDelivery;

/** Returns whether a delivery is a mention, and no alert. */
export function isMention(delivery: Delivery): delivery is AnyMention {
  return delivery.kind !== 'alert';
}

/** A mention in words, readable but neither cut nor escaped. Empty where nothing is known. */
export interface MentionWords {
  readonly keyword: string;
  /** The group's name, or else `group` and its id. */
  readonly group: string;
  /** May have several lines. Null for a recovered mention, whose content is not known. */
  readonly content: MarkedText | null;
  readonly author: string;
  /** The link to the author's profile, as the API gave it. Empty for a name that gets no link. */
  readonly profile: string;
  /** `in the post`, `in a comment`, `in a link`, or the API's own word. */
  readonly place: string;
  readonly verb: 'spotted' | 'received';
  /** The time at which it was spotted, or where that is unreadable, received. */
  readonly atMs: number;
  /**
   * The keywords and groups in which its post or lead was found besides, each once. A keyword or group
   * that is its own too is empty.
   */
  readonly others: readonly { readonly keyword: string; readonly group: string }[];
}

/** Cuts a text to at most `limit` UTF-16 units, escaped as one service needs it. */
export type Fit = (text: string, limit: number) => string;

/** The title of a mention without a keyword. */
export const NEW_MENTION = 'New mention';

// The most characters of a part in a message. Slack allows 150 in a header: keyword, ' in ' and
// group share them.
export const KEYWORD_LIMIT = 70;
export const GROUP_LIMIT = 76;
export const AUTHOR_LIMIT = 80;
export const PLACE_LIMIT = 40;
const OTHER_LIMIT = 40;
const MAX_OTHERS = 8;

const PLACES = new Map([
  ['post', 'in the post'],
  ['comment', 'in a comment'],
  ['link', 'in a link'],
]);

// A name that looks like an address, or like the end of a link's label, could pass for another link.
const UNLINKED = /[[\]<>\\`]|:\/\/|www\./i;

// A delivery never changes, and its message is made of its words several times.
const known = new WeakMap<AnyMention, MentionWords>();

/** Returns the words of a mention, part by part. */
export function mentionWords(delivery: AnyMention): MentionWords {
  const words = known.get(delivery) ?? wordsOf(delivery);
  known.set(delivery, words);
  return words;
}

function wordsOf(delivery: AnyMention): MentionWords {
  const { mention, polledAtMs } = delivery;
  const { position, content, owner } =
    delivery.kind === 'mention' ? delivery.mention : { position: '', content: null, owner: null };
  const keyword = readableLine(mention.keyword);
  const place = readableLine(position);
  const author = readableLine(mention.owner.name);
  return {
    keyword,
    group: groupName(mention.group),
    content: content === null ? null : markedText(readable(content), keyword),
    author,
    profile: author === '' || UNLINKED.test(author) ? '' : (owner?.link ?? ''),
    place: PLACES.get(foldText(place)) ?? place,
    verb: mention.spottedAtMs === null ? 'received' : 'spotted',
    atMs: mention.spottedAtMs ?? polledAtMs,
    others: delivery.kind === 'mention' ? otherWords(delivery) : [],
  };
}

function otherWords({ mention, others = [] }: MentionDelivery): MentionWords['others'] {
  const besides = (other: Mention, part: (of: Mention) => string): string =>
    foldText(part(other)) === foldText(part(mention)) ? '' : part(other);
  const found = new Map<string, MentionWords['others'][number]>();
  for (const other of others) {
    const keyword = besides(other, (of) => readableLine(of.keyword));
    const group = besides(other, (of) => groupName(of.group));
    const name = JSON.stringify([foldText(keyword), foldText(group)]);
    if (keyword + group !== '' && !found.has(name)) found.set(name, { keyword, group });
  }
  return [...found.values()];
}

/** Returns `keyword in group`: one line, never empty, at most 150 UTF-16 units. */
export function mentionTitle({ keyword, group }: MentionWords, fit: Fit): string {
  const spotted = keyword === '' ? NEW_MENTION : fit(keyword, KEYWORD_LIMIT);
  return group === '' ? spotted : `${spotted} in ${fit(group, GROUP_LIMIT)}`;
}

/**
 * Returns the line with the other keywords and groups, escaped: as many as `limit` has room for, and the
 * number of the rest. Empty if there are none. A limit of 20 UTF-16 units or more is kept.
 */
export function alsoFound({ others }: MentionWords, limit: number, fit: Fit = fitted): string {
  if (others.length === 0) return '';
  const items = others.slice(0, MAX_OTHERS).map(({ keyword, group }) => {
    const where = group === '' ? '' : `in ${fit(group, OTHER_LIMIT)}`;
    return [fit(keyword, OTHER_LIMIT), where].filter((text) => text !== '').join(' ');
  });
  const line = (count: number): string => {
    const more = others.length - count;
    const rest = more === 0 ? [] : [`${more} more`];
    return `Also found: ${[...items.slice(0, count), ...rest].join(' · ')}`;
  };
  let count = items.length;
  while (count > 0 && line(count).length > limit) count -= 1;
  return line(count);
}

/**
 * Returns the content around the keyword on one line, escaped, or the note in place of an unknown
 * one.
 */
export function shortContent(
  { content }: MentionWords,
  {
    limit,
    hasLink,
    escape = (text) => text,
  }: {
    readonly limit: number;
    readonly hasLink: boolean;
    readonly escape?: (text: string) => string;
  },
): string {
  if (content === null) return recoveredNote(hasLink);
  const line = (pieces: readonly Piece[]) => escape(textOf(pieces).replace(/\n+/g, ' '));
  return line(excerpt(content, limit, (pieces) => line(pieces).length <= limit));
}

/** Returns the note in place of a recovered mention's content. */
export function recoveredNote(hasLink: boolean): string {
  return hasLink
    ? 'Recovered after a gap: open the post to read it.'
    : 'Recovered after a gap: its text is not known.';
}

/** Returns the heading of deliveries in one message. */
export function countWords(deliveries: readonly Delivery[]): string {
  const what = deliveries.every(({ kind }) => kind === 'recovered') ? 'recovered' : 'new';
  return `${deliveries.length} ${what} ${deliveries.length === 1 ? 'mention' : 'mentions'}`;
}

function groupName(group: { readonly id: string; readonly name: string }): string {
  const name = readableLine(group.name);
  if (name !== '') return name;
  const id = readableLine(group.id);
  return id === '' ? '' : `group ${id}`;
}
