import { commentInLink } from '../domain/foreign/facebook-link.ts';
import { foldText } from '../domain/foreign/folded-text.ts';
import { digest, mentionKey, type Mention, type MentionKey } from '../domain/mention.ts';

/*
 * DEDUPE_BY=lead: the mentions of one author's text are one lead, in whatever groups, posts and keywords
 * they are found.
 */

/** The time from the first mention of a lead in which another one is the same lead. */
export const LEAD_MS = 7 * 86_400_000;

/** A lead, as all replicas know it. */
export interface KnownLead {
  /** The digest of author and text. */
  readonly lead: string;
  /** The key of its deliveries: that of its first mention, so that it is news again after 7 days. */
  readonly key: MentionKey;
  /** The webhooks for which it was queued before. */
  readonly webhooks: readonly string[];
}

/** The leads of mentions. Mentions that are no lead are not in it. */
export type KnownLeads = ReadonlyMap<Mention, KnownLead>;

// The same few words, such as `Just listed!`, may stand below two pictures.
const MIN_TEXT = 20;
const LINKS = /(?:https?:\/\/|www\.)[!-~]+/g;

/**
 * Returns the digest of a mention's author and text: folded, without links and white space. Null if one
 * of them is unknown: then the mention is a lead of its own.
 *
 * Two mentions of a short text are the same lead only in the same post. So are two mentions in comments
 * only if they name the same comment: the API documents author and text as those of the post, so
 * comments of strangers on it could have both in common.
 */
export function leadOf(mention: Mention): string | null {
  const author = mention.owner.id.trim();
  const text = foldText(mention.content).replace(LINKS, '').replace(/\s+/g, '');
  if (author === '' || author === '0' || text === '') return null;
  const [comment, reply] = commentInLink(mention.link);
  const inComment = comment !== '' || reply !== '';
  if (!inComment && foldText(mention.position) === 'comment') return null;
  const place =
    inComment || text.length < MIN_TEXT ? [mentionKey(mention, 'post'), comment, reply] : [];
  return digest(JSON.stringify([author, text, ...place]));
}

/** Returns the time of a mention as one of a lead: when it was spotted, at the latest when received. */
export function leadAtMs({ spottedAtMs }: Mention, receivedAtMs: number): number {
  return Math.min(spottedAtMs ?? receivedAtMs, receivedAtMs);
}
