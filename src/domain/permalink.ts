import { digest, type DedupeBy, type MentionKey } from './mention.ts';

/**
 * What a mention of `/account/mentions` and a post of `/account/group` have in common. The latter
 * has no id, no position and no text, so the two can only be joined by this.
 */
export interface Sighting {
  readonly link: string;
  readonly keyword: string;
  readonly group: { readonly id: string };
  /** When Groouply spotted it, in milliseconds since 1970; null where that is unreadable. */
  readonly spottedAtMs: number | null;
}

/**
 * The number of a Facebook post, as its permalink has it; null where the link has none. A link to
 * a comment has that of its post.
 */
export function postNumber(link: string): string | null {
  const [, number] =
    /\/(?:permalink|posts)\/(\d+)/.exec(link) ??
    /[?&](?:story_fbid|multi_permalinks)=(\d+)/.exec(link) ??
    [];
  return number ?? null;
}

/**
 * The key that joins a mention with a post: by group, permalink and keyword; by group and
 * permalink alone where every post counts once. 13 characters, the first of them `p`. Two mentions
 * of one keyword in one post share it. Null without a link: nothing tells such mentions apart.
 */
export function permalinkKey(sighting: Sighting, dedupeBy: DedupeBy): string | null {
  const identity = joint(sighting, dedupeBy);
  return identity === null ? null : `p${digest(JSON.stringify(identity), 12)}`;
}

/**
 * The key of one that recovery found: by group, permalink and keyword, and by the second in which it
 * was spotted, so that a later comment on the same post is not taken for it. 13 characters, the
 * first of them `r`.
 */
export function recoveredKey(sighting: Sighting): string | null {
  const identity = joint(sighting, 'mention');
  return identity === null
    ? null
    : `r${digest(JSON.stringify([...identity, secondOf(sighting, 'mention')]), 12)}`;
}

/** The key of its delivery: of the form of a mention's, and never the same as one. */
export function recoveredDeliveryKey(sighting: Sighting, dedupeBy: DedupeBy): MentionKey {
  const identity = joint(sighting, dedupeBy) ?? [sighting.group.id, '', sighting.keyword];
  return digest(
    JSON.stringify(['recovered', ...identity, secondOf(sighting, dedupeBy)]),
  ) as MentionKey;
}

function joint({ link, keyword, group }: Sighting, dedupeBy: DedupeBy): string[] | null {
  // Of other links the host is left out: the same post may be shown under several.
  const permalink =
    postNumber(link) ??
    link
      .trim()
      .replace(/^https?:\/\/[^/]*/i, '')
      .replace(/[?#].*$/, '')
      .replace(/\/+$/, '');
  if (permalink === '') return null;
  return [group.id, permalink, ...(dedupeBy === 'post' ? [] : [keyword.trim().toLowerCase()])];
}

// The API gives whole seconds.
function secondOf({ spottedAtMs }: Sighting, dedupeBy: DedupeBy): string {
  if (spottedAtMs === null || dedupeBy === 'post') return '';
  return String(Math.floor(spottedAtMs / 1000));
}
