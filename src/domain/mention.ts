import { hash } from 'node:crypto';
import { commentInLink, postInLink, postName } from './foreign/facebook-link.ts';
import { foldText } from './foreign/folded-text.ts';
import {
  decodedTextOf,
  idOf,
  namedOf,
  objectOf,
  timeOf,
  withPromisedTypes,
  wordOf,
  type PromisedFields,
} from './foreign/foreign-values.ts';
import { failure, success, type Result } from './result.ts';
import { parseTimestamp } from './foreign/timestamp.ts';

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
  /** The item as the API gave it, unknown fields too, in the types of docs/schemas/. */
  readonly raw: JsonObject;
}

/** The identity of a mention, as 22 characters of base64url (132 bits of SHA-256). */
export type MentionKey = string & { readonly brand: 'MentionKey' };

/** The units of news: every mention, every post, or every text of an author within 7 days. */
export const DEDUPE_BY = ['mention', 'post', 'lead'] as const;
export type DedupeBy = (typeof DEDUPE_BY)[number];

/** The fields of an item, as the API documents them. */
export const MENTION_FIELDS: readonly string[] = [
  'id',
  'keyword',
  'position',
  'content',
  'link',
  'owner',
  'group',
  'spotted',
];

/**
 * Reads one item of a window. Every object with an id or a link is a mention; a field that is missing
 * is empty. Any other item is refused, with a reason that holds none of its content.
 */
export function parseMention(item: unknown): Result<Mention> {
  const object = objectOf(item);
  if (object === null) return failure('the item: not an object');
  const id = idOf(object['id']);
  // The shape of another link is unknown, so nothing shows which mention it names.
  if (id === '' && wordOf(object['link']) === '') return failure('id, link: none to be read');
  const owner = namedOf(object['owner']) ?? {};
  const group = namedOf(object['group']) ?? {};
  return success({
    id,
    keyword: decodedTextOf(object['keyword']),
    position: decodedTextOf(object['position']),
    content: decodedTextOf(object['content']),
    link: decodedTextOf(object['link']),
    owner: {
      id: idOf(owner['id']),
      name: decodedTextOf(owner['name']),
      link: decodedTextOf(owner['link']),
    },
    group: { id: idOf(group['id']), name: decodedTextOf(group['name']) },
    spottedAtMs: parseTimestamp(timeOf(object['spotted'])),
    raw: {
      ...withPromisedTypes(object, PROMISED),
      id: typeof object['id'] === 'string' ? object['id'] : id,
    },
  });
}

const PROMISED: PromisedFields = {
  texts: ['keyword', 'position', 'content', 'link', 'spotted'],
  parts: { owner: ['id', 'name', 'link'], group: ['id', 'name'] },
};

/** Returns a mention as the message of another one lists it: without its content and unknown fields. */
export function listedMention(mention: Mention): Mention {
  const raw = Object.fromEntries(
    Object.entries(mention.raw).filter(
      ([field]) => field !== 'content' && MENTION_FIELDS.includes(field),
    ),
  );
  return { ...mention, content: '', raw };
}

/** Makes an id safe for log lines: ids are digits, but text from the API is foreign. */
export function loggableId(id: string): string {
  return id.replace(/[^\w.:-]/g, '?').slice(0, 64);
}

/** Returns a mention's id, or else the last number in the path of its link, for log lines. */
export function loggedId({ id, link }: Mention): string {
  return loggableId(id || (link.match(/\/\d+/g)?.at(-1)?.slice(1) ?? ''));
}

/**
 * Returns the identity of a mention. `id` is that of the post, and one post can be spotted several times:
 * for another keyword, in its body, in comments, in a link. Without an `id` the post that the link names
 * stands in for it; if the link names none, many mentions may have it, and text and time count too. The
 * same mention always gives the same key, in every version and on every machine, though Facebook's links
 * change from fetch to fetch: of the link only the comment counts.
 */
export function mentionKey(mention: Mention, dedupeBy: DedupeBy): MentionKey {
  const { keyword, position, content, link, owner, spottedAtMs } = mention;
  const post =
    mention.id.trim() ||
    (postName(link) ?? JSON.stringify([postInLink(link), content, spottedAtMs]));
  const identity =
    dedupeBy === 'post'
      ? [post]
      : [post, foldText(keyword), foldText(position), owner.id.trim(), ...commentInLink(link)];
  return digest(JSON.stringify(identity)) as MentionKey;
}
