import type { Gap } from '../state/gap.ts';

/** What came of asking one tracked group for its posts. */
export interface GroupListing {
  readonly groupId: string;
  /** How many posts were listed; null if the group could not be read. */
  readonly posts: number | null;
  /** When the oldest of them was spotted; null where there is none, or none has a readable time. */
  readonly oldestSpottedAtMs: number | null;
}

/** A stretch of a gap of which nothing is known, in one group. */
export interface UnknownStretch {
  readonly groupId: string;
  /** Null where the beginning of the gap is not known. */
  readonly fromMs: number | null;
  /** Null where its end is not known. */
  readonly toMs: number | null;
}

/**
 * What of a gap a sweep could not look into, group by group: what is older than the oldest post
 * that a group lists, all of it where a group could not be read, and what is older than the
 * relay's own memory, in which every post would seem missed.
 *
 * The API's documentation names no limit for the posts of a group. A list without any post is
 * whole, and so is one that is shorter than another group's: whatever cut that one cuts no sooner.
 * Any other may have been cut.
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

/** Since when everything of a group is known: all of time is -Infinity, nothing is Infinity. */
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
