import { keepsOldKey, oldPermalinkKey, type KeyRule } from '../domain/old-keys.ts';
import { permalinkKey } from '../domain/permalink.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import type { Gap } from '../state/gap.ts';

/** The posts of one group, as `POST /account/group` lists them. */
export interface GroupPosts {
  readonly posts: readonly RecoveredMention[];
  /** Number of posts that could not be read. */
  readonly malformed: number;
}

/** A post, and its status in the memory. */
export interface JudgedPost {
  readonly post: RecoveredMention;
  /**
   * - `seen`: a mention with its group, permalink and keyword was in a window
   * - `recovered`: an earlier sweep found it
   * - `missed`: neither
   */
  readonly status: 'seen' | 'recovered' | 'missed';
}

/** The result of listing one tracked group. */
export interface GroupListing {
  readonly groupId: string;
  /** Number of posts listed; null if the group could not be read. */
  readonly posts: number | null;
  /** When the oldest of them was spotted; null without posts, or without readable times. */
  readonly oldestSpottedAtMs: number | null;
}

/** A part of a gap in one group that could not be searched. */
export interface UnknownStretch {
  readonly groupId: string;
  /** Null if the beginning of the gap is unknown. */
  readonly fromMs: number | null;
  /** Null if its end is unknown. */
  readonly toMs: number | null;
}

/** Returns true for a time in the gap. Both ends belong to it: times are whole seconds. */
export function isWithin(spottedAtMs: number | null, { fromMs, toMs }: Gap): boolean {
  return (
    spottedAtMs !== null &&
    spottedAtMs >= (fromMs ?? -Infinity) &&
    spottedAtMs <= (toMs ?? Infinity)
  );
}

/** Returns the listing of a group; `listed` is null if the group could not be read. */
export function listingOf(groupId: string, listed: GroupPosts | null): GroupListing {
  if (listed === null) return { groupId, posts: null, oldestSpottedAtMs: null };
  let oldestSpottedAtMs: number | null = null;
  for (const { spottedAtMs } of listed.posts) {
    if (spottedAtMs !== null) {
      oldestSpottedAtMs = Math.min(oldestSpottedAtMs ?? Infinity, spottedAtMs);
    }
  }
  return { groupId, posts: listed.posts.length + listed.malformed, oldestSpottedAtMs };
}

/**
 * Returns the parts of a gap that a sweep could not search, group by group:
 * - the time before the oldest post that a group lists
 * - all of it, if a group could not be read
 * - the time before the relay's own memory, in which every post would seem missed
 *
 * The API's documentation names no limit for the posts of a group. An empty list is complete, and so
 * is a list that is shorter than another group's: the limit that cut the longer one would not cut it
 * sooner. Any other list may have been cut.
 */
export function unknownStretches(
  gap: Gap,
  listings: readonly GroupListing[],
  rememberedFromMs: number,
): readonly UnknownStretch[] {
  const longest = Math.max(0, ...listings.map(({ posts }) => posts ?? 0));
  return listings.flatMap((listing): UnknownStretch[] => {
    const fromMs = reachOf(listing, longest, rememberedFromMs);
    const beforeGap = gap.fromMs !== null && fromMs <= gap.fromMs;
    if (beforeGap || fromMs === -Infinity) return [];
    const toMs = fromMs === Infinity ? gap.toMs : Math.min(fromMs, gap.toMs ?? Infinity);
    return [{ groupId: listing.groupId, fromMs: gap.fromMs, toMs }];
  });
}

/** Returns the time from which a group is known: -Infinity if always, Infinity if never. */
function reachOf(
  { posts, oldestSpottedAtMs }: GroupListing,
  longest: number,
  rememberedFromMs: number,
): number {
  if (posts === null) return Infinity;
  if (posts === 0) return -Infinity;
  const listedFromMs = posts < longest ? -Infinity : (oldestSpottedAtMs ?? Infinity);
  return Math.max(listedFromMs, rememberedFromMs);
}

/**
 * Returns a counter of the posts that may or may not have been missed in a gap:
 * - unreadable posts, and posts without a readable time
 * - posts without a link
 * - posts that count as seen by a key that several posts share, such as the comments on one post;
 *   if every post counts once, these are no loss
 */
export function countUndecidable(
  judged: readonly JudgedPost[],
  lists: readonly GroupPosts[],
  rule: KeyRule,
): (gap: Gap) => number {
  const keyOf = (post: RecoveredMention): string | null =>
    keepsOldKey(post, rule) ? oldPermalinkKey(post, 'mention') : permalinkKey(post, 'mention');
  const sharing = new Map<string | null, number>();
  let timeless = 0;
  for (const { posts, malformed } of lists) {
    timeless += malformed;
    for (const post of posts) {
      if (post.spottedAtMs === null) timeless += 1;
      const key = keyOf(post);
      sharing.set(key, (sharing.get(key) ?? 0) + 1);
    }
  }
  const unclear = judged.filter(({ post, status }) => {
    if (status !== 'seen') return false;
    const key = keyOf(post);
    return key === null || (rule.dedupeBy !== 'post' && (sharing.get(key) ?? 0) > 1);
  });
  return (gap) => timeless + unclear.filter(({ post }) => isWithin(post.spottedAtMs, gap)).length;
}
