import { z } from 'zod';
import { postNumber } from './foreign/facebook-link.ts';
import { decodeEntities } from './foreign/decoded-text.ts';
import {
  foreignId,
  foreignObject,
  decodedText,
  foreignText,
  namedOf,
  objectOf,
  withPromisedTypes,
  wordOf,
  type PromisedFields,
} from './foreign/foreign-values.ts';
import type { JsonObject } from './mention.ts';
import { failure, success, type Result } from './result.ts';
import { parseTimestamp } from './foreign/timestamp.ts';

/**
 * A mention that was in no window, found later among the posts of `POST /account/group`. That endpoint
 * gives neither the id of the post, nor the place of the keyword in it, nor its text.
 * Fields the API left out are empty strings. HTML entities are decoded, but in the raw parts.
 */
export interface RecoveredMention {
  readonly keyword: string;
  readonly link: string;
  readonly owner: { readonly id: string; readonly name: string };
  /** The group that was asked. */
  readonly group: { readonly id: string; readonly name: string };
  /** The time at which Groouply spotted it, in milliseconds since 1970; null if unreadable. */
  readonly spottedAtMs: number | null;
  /** The post as the API gave it, unknown fields too, in the types of docs/schemas/. */
  readonly raw: JsonObject;
  /** The group just as the API gave it. */
  readonly rawGroup: RecoveredMention['group'];
}

const postSchema = z.looseObject({
  owner: foreignObject({ id: foreignId, name: decodedText }, namedOf),
  keyword: decodedText,
  link: decodedText,
  timestamps: foreignObject({ spotted: foreignText }),
});

/** The fields of a post, as the API documents them. */
export const POST_FIELDS: readonly string[] = Object.keys(postSchema.shape);

/**
 * Reads one of a group's posts. A field that is missing is empty. What is no object, or has another
 * link than a text, is refused, with a reason that holds none of its content.
 *
 * @param group - as the API gave it
 */
export function parseRecoveredMention(
  post: unknown,
  group: RecoveredMention['group'],
): Result<RecoveredMention> {
  const object = objectOf(post);
  if (object === null) return failure('the item: not an object');
  const { owner, keyword, link, timestamps } = postSchema.parse(object);
  if (link.trim() !== '' && wordOf(object['link']) === '') return failure('link: not a text');
  return success({
    keyword,
    link,
    owner: { id: owner.id, name: owner.name },
    group: { id: group.id, name: decodeEntities(group.name) },
    spottedAtMs: parseTimestamp(timestamps.spotted),
    raw: withPromisedTypes(object, PROMISED),
    rawGroup: { id: group.id, name: group.name },
  });
}

const PROMISED: PromisedFields = {
  texts: ['keyword', 'link'],
  parts: { owner: ['id', 'name'], timestamps: ['spotted', 'sent'] },
};

/** Returns the number of the post in its link, as its name in log lines; null if there is none. */
export function loggedPostId({ link }: RecoveredMention): string | null {
  return postNumber(link)?.slice(0, 64) ?? null;
}
