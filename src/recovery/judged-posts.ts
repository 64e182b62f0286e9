import type { DedupeBy } from '../domain/mention.ts';
import { permalinkKey } from '../domain/permalink.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import type { Gap } from '../state/gap.ts';

/** The posts of one group, as `POST /account/group` lists them. */
export interface GroupPosts {
  readonly posts: readonly RecoveredMention[];
  /** How many could not be read. */
  readonly malformed: number;
}

/** A post, and what is remembered of it. */
export interface JudgedPost {
  readonly post: RecoveredMention;
  /**
   * `seen`: a mention with its group, permalink and keyword came through a window; `recovered`: it
   * was found by a sweep before; `missed`: neither.
   */
  readonly status: 'seen' | 'recovered' | 'missed';
}

/** Whether it was spotted then. Both ends belong to it: times are whole seconds. */
export function isWithin(spottedAtMs: number | null, { fromMs, toMs }: Gap): boolean {
  return (
    spottedAtMs !== null &&
    spottedAtMs >= (fromMs ?? -Infinity) &&
    spottedAtMs <= (toMs ?? Infinity)
  );
}

/**
 * Counts, for a gap, the posts that may have been missed in it without anybody being able to tell:
 * those that can't be read or have no readable time, those without a link, and those that count as
 * seen by a key that several posts share, such as the comments on one post. Where every post counts
 * once, the last are no loss.
 */
export function countUndecidable(
  judged: readonly JudgedPost[],
  lists: readonly GroupPosts[],
  dedupeBy: DedupeBy,
): (gap: Gap) => number {
  const sharing = new Map<string | null, number>();
  let timeless = 0;
  for (const { posts, malformed } of lists) {
    timeless += malformed;
    for (const post of posts) {
      if (post.spottedAtMs === null) timeless += 1;
      const key = permalinkKey(post, 'mention');
      sharing.set(key, (sharing.get(key) ?? 0) + 1);
    }
  }
  const unclear = judged.filter(({ post, status }) => {
    if (status !== 'seen') return false;
    const key = permalinkKey(post, 'mention');
    return key === null || (dedupeBy === 'mention' && (sharing.get(key) ?? 0) > 1);
  });
  return (gap) => timeless + unclear.filter(({ post }) => isWithin(post.spottedAtMs, gap)).length;
}
