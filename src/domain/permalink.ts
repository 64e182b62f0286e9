import { postInLink } from './foreign/facebook-link.ts';
import { foldText } from './foreign/folded-text.ts';
import { digest, type DedupeBy, type MentionKey } from './mention.ts';

/**
 * The common part of a mention of `/account/mentions` and a post of `/account/group`. The post has no
 * id, no position and no text, so only this part can join the two.
 */
export interface Sighting {
  readonly link: string;
  readonly keyword: string;
  readonly group: { readonly id: string };
  /** The time at which Groouply spotted it, in milliseconds since 1970; null if unreadable. */
  readonly spottedAtMs: number | null;
}

/**
 * Returns the key that joins a mention with a post: by group, permalink and keyword, or by group and
 * permalink alone if every post counts once. 13 characters, the first of them `p`. Two mentions of one
 * keyword in one post share it. Null without a link: nothing distinguishes such mentions.
 */
export function permalinkKey(sighting: Sighting, dedupeBy: DedupeBy): string | null {
  const identity = joint(sighting, dedupeBy);
  return identity === null ? null : `p${digest(JSON.stringify(identity), 12)}`;
}

/**
 * Returns the key of a recovered mention: by group, permalink and keyword, and by the second in which
 * it was spotted, so that a later comment on the same post has another key. 13 characters, the first
 * of them `r`.
 */
export function recoveredKey(sighting: Sighting): string | null {
  const identity = joint(sighting, 'mention');
  return identity === null
    ? null
    : `r${digest(JSON.stringify([...identity, secondOf(sighting, 'mention')]), 12)}`;
}

/** Returns the key of a recovered mention's delivery, in the form of a mention's but never equal to one. */
export function recoveredDeliveryKey(sighting: Sighting, dedupeBy: DedupeBy): MentionKey {
  const identity = joint(sighting, dedupeBy) ?? [sighting.group.id, '', sighting.keyword];
  return digest(
    JSON.stringify(['recovered', ...identity, secondOf(sighting, dedupeBy)]),
  ) as MentionKey;
}

function joint({ link, keyword, group }: Sighting, dedupeBy: DedupeBy): string[] | null {
  const permalink = postInLink(link);
  if (permalink === '') return null;
  return [group.id, permalink, ...(dedupeBy === 'post' ? [] : [foldText(keyword)])];
}

/** Returns the second in which it was spotted: the API gives whole seconds. Empty if every post counts once. */
export function secondOf({ spottedAtMs }: Sighting, dedupeBy: DedupeBy): string {
  if (spottedAtMs === null || dedupeBy === 'post') return '';
  return String(Math.floor(spottedAtMs / 1000));
}
