import { z } from 'zod';
import { postNumber } from './facebook-link.ts';
import { decodeEntities } from './decoded-text.ts';
import {
  decodedText,
  foreignText,
  parseTimestamp,
  whyUnreadable,
  withStringIds,
  type JsonObject,
} from './mention.ts';
import { failure, success, type Result } from './result.ts';

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
  /** The post just as the API gave it, unknown fields too, its ids as strings. */
  readonly raw: JsonObject;
  /** The group just as the API gave it. */
  readonly rawGroup: RecoveredMention['group'];
}

const postSchema = z.looseObject({
  owner: z.looseObject({ id: foreignText, name: decodedText }).nullish(),
  keyword: decodedText,
  link: decodedText,
  timestamps: z.looseObject({ spotted: foreignText }).nullish(),
});

/**
 * Reads one of a group's posts. Absent fields become empty; it is refused, with a reason that holds
 * none of its content, only when it is no object, or a known field has a type that can't be read
 * as text.
 *
 * @param group - as the API gave it
 */
export function parseRecoveredMention(
  post: unknown,
  group: RecoveredMention['group'],
): Result<RecoveredMention> {
  const parsed = postSchema.safeParse(post);
  if (!parsed.success) return failure(whyUnreadable(parsed.error));
  const { owner, keyword, link, timestamps } = parsed.data;
  return success({
    keyword,
    link,
    owner: { id: owner?.id ?? '', name: owner?.name ?? '' },
    group: { id: group.id, name: decodeEntities(group.name) },
    spottedAtMs: parseTimestamp(timestamps?.spotted ?? ''),
    raw: withStringIds(post as JsonObject),
    rawGroup: { id: group.id, name: group.name },
  });
}

/** Returns the number of the post in its link, as its name in log lines; null if there is none. */
export function loggedPostId({ link }: RecoveredMention): string | null {
  return postNumber(link)?.slice(0, 64) ?? null;
}
