import { hash } from 'node:crypto';
import { z } from 'zod';
import { commentInLink, postInLink } from './facebook-link.ts';
import { foldText } from './folded-text.ts';
import { decodeEntities } from './decoded-text.ts';
import { failure, success, type Result } from './result.ts';

/**
 * Returns the first characters (22 are 132 bits) of the SHA-256 of a text, in base64url. The same text
 * gives the same digest in every version and on every machine: keys in Redis depend on it.
 */
export function digest(text: string, characters = 22): string {
  return hash('sha256', text, 'base64url').slice(0, characters);
}

/** A JSON object as it came from the API. */
export type JsonObject = { readonly [key: string]: unknown };

/**
 * One item of `POST /account/mentions`: a keyword spotted in a post, a comment or a link of a
 * Facebook group. Fields the API left out are empty strings. HTML entities are decoded, but in `raw`.
 */
export interface Mention {
  /** The Facebook id of the post, empty if only its link is known. Several mentions can share it. */
  readonly id: string;
  readonly keyword: string;
  /** The place where the keyword was spotted: `post`, `comment` or `link`, as far as is known. */
  readonly position: string;
  readonly content: string;
  readonly link: string;
  readonly owner: { readonly id: string; readonly name: string; readonly link: string };
  readonly group: { readonly id: string; readonly name: string };
  /** The time at which Groouply spotted it, in milliseconds since 1970; null if unreadable. */
  readonly spottedAtMs: number | null;
  /** The item just as the API gave it, unknown fields too, its ids as strings. */
  readonly raw: JsonObject;
}

/** The identity of a mention, as 22 characters of base64url (132 bits of SHA-256). */
export type MentionKey = string & { readonly brand: 'MentionKey' };

/** The unit of news: every mention, or only the first of each post. */
export type DedupeBy = 'mention' | 'post';

/**
 * A field that is text, empty if there is none. The API documents ids, timestamps and statuses
 * as strings, but PHP back ends turn them into numbers at times, and leave out or null what is empty.
 */
export const foreignText = z.union([z.string(), z.number()]).nullish().transform(stringOf);
/** A {@link foreignText} that people read and filters compare: its HTML entities are decoded. */
export const decodedText = foreignText.transform(decodeEntities);
const itemSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).transform(stringOf).pipe(z.string().min(1)),
  keyword: decodedText,
  position: decodedText,
  content: decodedText,
  link: decodedText,
  owner: z.looseObject({ id: foreignText, name: decodedText, link: decodedText }).nullish(),
  group: z.looseObject({ id: foreignText, name: decodedText }).nullish(),
  spotted: foreignText,
});

/**
 * Reads one item of a window. Absent fields become empty; an item is refused, with a reason that
 * holds none of its content, only when it is no object, has no id, or a known field has a type
 * that can't be read as text.
 */
export function parseMention(item: unknown): Result<Mention> {
  const parsed = itemSchema.safeParse(item);
  if (!parsed.success) return failure(whyUnreadable(parsed.error));
  const { id, keyword, position, content, link, owner, group, spotted } = parsed.data;
  return success({
    id,
    keyword,
    position,
    content,
    link,
    owner: { id: owner?.id ?? '', name: owner?.name ?? '', link: owner?.link ?? '' },
    group: { id: group?.id ?? '', name: group?.name ?? '' },
    spottedAtMs: parseTimestamp(spotted),
    raw: withStringIds(item as JsonObject),
  });
}

/** Makes an id safe for log lines: ids are digits, but text from the API is foreign. */
export function loggableId(id: string): string {
  return id.replace(/[^\w.:-]/g, '?').slice(0, 64);
}

/** Returns a mention's id in the form for log lines. */
export function loggedId({ id }: Mention): string {
  return loggableId(id);
}

/**
 * Returns the identity of a mention. `id` is that of the post, and one post can be spotted several times:
 * for another keyword, in its body, in comments, in a link. Without an `id` the post that the link names
 * stands in for it. The same mention always gives the same key, in every version and on every machine,
 * though Facebook's links change from fetch to fetch: of the link only the comment counts.
 */
export function mentionKey(mention: Mention, dedupeBy: DedupeBy): MentionKey {
  const { keyword, position, link, owner } = mention;
  const post = mention.id.trim() || postInLink(link);
  const identity =
    dedupeBy === 'post'
      ? [post]
      : [post, foldText(keyword), foldText(position), owner.id.trim(), ...commentInLink(link)];
  return digest(JSON.stringify(identity)) as MentionKey;
}

/**
 * Reads a timestamp of the API (seconds, documented as a string), or one of the forms that it may take
 * some day: milliseconds, ISO 8601. Returns milliseconds since 1970; null if it is none of them.
 */
export function parseTimestamp(value: string): number | null {
  const trimmed = value.trim();
  if (trimmed === '') return null;
  const number = Number(trimmed);
  const timeMs = ISO_8601.test(trimmed)
    ? Date.parse(trimmed)
    : Math.abs(number) < MIN_MILLISECONDS
      ? number * 1000
      : number;
  // A zero is what an unset time looks like.
  return timeMs > 0 && timeMs <= LAST_TIME_MS ? Math.trunc(timeMs) : null;
}

// As seconds this is the year 5138, as milliseconds 1973: no timestamp of a mention lies between.
const MIN_MILLISECONDS = 1e11;
// The last moment that a Date can hold (ECMAScript, Time Values and Time Range).
const LAST_TIME_MS = 8.64e15;
// Date.parse takes much that is no timestamp for a date: 'Post 1' would be a day in 2001.
const ISO_8601 = /^\d{4}-\d{2}-\d{2}/;

function stringOf(value: string | number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

/** Lists the fields that could not be read, and why, without their content. */
export function whyUnreadable({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => `${path.join('.') || 'the item'}: ${message}`)
    .join('; ');
}

/** Returns an item of the API with its own id, its owner's and its group's as strings. */
export function withStringIds(item: JsonObject): JsonObject {
  const copy: Record<string, unknown> = { ...item };
  if (typeof copy['id'] === 'number') copy['id'] = String(copy['id']);
  for (const part of ['owner', 'group']) {
    const nested = copy[part] as JsonObject | null | undefined;
    if (typeof nested?.['id'] === 'number') {
      copy[part] = { ...nested, id: String(nested['id']) };
    }
  }
  return copy;
}
