import type { Completeness } from '../state/relay-state.io.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { DedupeBy } from '../domain/mention.ts';
import { recoveredDeliveryKey } from '../domain/permalink.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import type { Gap, OpenGap } from '../state/gap.ts';
import { countUndecidable, isWithin, type GroupPosts, type JudgedPost } from './judged-posts.ts';
import { logGapClosed, logDistrusted } from './recovery-log.ts';
import { unknownStretches, type GroupListing, type UnknownStretch } from './sweep-reach.ts';

/** What a sweep remembers, and what the polls remember for it. */
export interface RecoveryMemory<G extends OpenGap> {
  openGaps(): Promise<readonly G[]>;
  /** Since when every mention that was handled is remembered as such: before it any may seem new. */
  rememberedFromMs(): Promise<number>;
  /** What is remembered of each of these posts, in their order. */
  judge(posts: readonly RecoveredMention[]): Promise<readonly JudgedPost['status'][]>;
  markRecovered(posts: readonly RecoveredMention[]): Promise<void>;
  /** Closes gaps, and keeps what came of the sweep. */
  conclude(closed: readonly G[], swept: Swept): Promise<void>;
}

/** A group of the account, as a sweep has to know it. */
export interface SweptGroup {
  readonly id: string;
  /** One that is not may have been until a moment ago: it is asked all the same. */
  readonly tracked: boolean;
}

export interface SweepPorts<G extends OpenGap> {
  /** All groups of the account. */
  readonly groups: (signal: AbortSignal) => Promise<readonly SweptGroup[]>;
  /** Null where this group can't be read for now, and the others may. */
  readonly postsOf: (groupId: string, signal: AbortSignal) => Promise<GroupPosts | null>;
  readonly memory: RecoveryMemory<G>;
  /** Resolves when Redis has acknowledged every delivery of every one of them. */
  readonly queue: (posts: readonly RecoveredMention[]) => Promise<void>;
  readonly log: EventLog;
  readonly nowMs: () => number;
}

/** What came of a sweep. Of `day`, null where it was about gaps alone. */
export interface Swept {
  readonly sweptAtMs: number;
  readonly recovered: number;
  /** How many tracked groups could not be read. */
  readonly unreadable: number;
  readonly unknown: readonly UnknownStretch[];
  /** Posts of which nobody can tell whether gaps swallowed them. */
  readonly undecidable: number;
  readonly day: Completeness | null;
}

/** Of which mentions a sweep makes sure. */
export interface SweepScope {
  /** All that was spotted in between; null where only open gaps are looked into. */
  readonly day: { readonly fromMs: number; readonly toMs: number } | null;
}

// A gap is given up, as far as groups can't be read, this long after it was found.
const MAX_OPEN_MS = 86_400_000;
// A mention may be listed after others that were spotted later.
const LATE_MS = 600_000;
const FEW = 20;

/**
 * One sweep: asks every group for its posts, and queues those that were spotted in an open gap, or
 * in the day, and are not known, oldest first. A gap is closed when every tracked group could be
 * read; what their lists do not reach, and posts of which nobody can tell whether they were missed,
 * are told. As in a poll, what was found is marked only when it is queued: a crash repeats the sweep,
 * and the deterministic job ids absorb it.
 */
export async function sweep<G extends OpenGap>(
  ports: SweepPorts<G>,
  { day, dedupeBy }: SweepScope & { readonly dedupeBy: DedupeBy },
  signal: AbortSignal,
): Promise<Swept> {
  const { memory, log } = ports;
  const gaps = await memory.openGaps();
  const rememberedFromMs = await memory.rememberedFromMs();
  const inGaps = ({ spottedAtMs }: RecoveredMention): boolean =>
    gaps.some((gap) => isWithin(spottedAtMs, searched(gap)));
  const inDay = ({ spottedAtMs }: RecoveredMention): boolean =>
    day !== null && isWithin(spottedAtMs, day);
  const isRemembered = ({ spottedAtMs }: RecoveredMention): boolean =>
    spottedAtMs !== null && spottedAtMs >= rememberedFromMs;

  const groups = await ports.groups(signal);
  const listings: GroupListing[] = [];
  const lists: GroupPosts[] = [];
  const candidates: RecoveredMention[] = [];
  for (const { id, tracked } of groups) {
    const listed = await ports.postsOf(id, signal);
    if (listed === null && !tracked) continue;
    listings.push(listingOf(id, listed));
    if (listed === null) continue;
    lists.push(listed);
    for (const post of listed.posts) {
      if (isRemembered(post) && (inGaps(post) || inDay(post))) candidates.push(post);
    }
  }

  const statuses = await memory.judge(candidates);
  const judged = candidates.map((post, index): JudgedPost => {
    // Without a link a post can't be told from a mention that is known.
    return { post, status: post.link === '' ? 'seen' : (statuses[index] ?? 'seen') };
  });
  const missed = distinct(
    judged.filter(({ status }) => status === 'missed').map(({ post }) => post),
    dedupeBy,
  );
  const counted = judged.filter(({ post }) => inDay(post));
  const late = missed.filter((post) => inDay(post) && !inGaps(post));
  const distrusted = late.length >= FEW && late.length * 2 > counted.length;
  if (distrusted) logDistrusted(log, { posts: counted.length, missed: late.length });
  const toQueue = distrusted ? missed.filter((post) => !late.includes(post)) : missed;
  await ports.queue(toQueue);
  await memory.markRecovered(toQueue);

  const nowMs = ports.nowMs();
  const readable = listings.length > 0 && listings.every(({ posts }) => posts !== null);
  const closed = gaps.filter(({ foundAtMs }) => readable || nowMs - foundAtMs > MAX_OPEN_MS);
  const stretches = closed.map((gap) => unknownStretches(gap, listings, rememberedFromMs));
  // Every post of every group is looked at: only where a gap is to be told of.
  const unclear = closed.length === 0 ? [] : closed.map(countUndecidable(judged, lists, dedupeBy));
  const swept: Swept = {
    sweptAtMs: nowMs,
    recovered: toQueue.length,
    unreadable: listings.filter(({ posts }) => posts === null).length,
    unknown: stretches.flat(),
    undecidable: Math.max(0, ...unclear),
    day: day && {
      posts: counted.length,
      inTime: counted.filter(({ status }) => status !== 'missed').length,
    },
  };
  await memory.conclude(closed, swept);
  for (const [index, gap] of closed.entries()) {
    logGapClosed(log, gap, {
      recovered: toQueue.filter(({ spottedAtMs }) => isWithin(spottedAtMs, searched(gap))).length,
      groups: listings.length,
      unknown: stretches[index] ?? [],
      undecidable: unclear[index] ?? 0,
    });
  }
  return swept;
}

/** Where a gap's mentions are looked for. */
function searched({ fromMs, toMs }: Gap): Gap {
  return { fromMs: fromMs === null ? null : fromMs - LATE_MS, toMs };
}

function listingOf(groupId: string, listed: GroupPosts | null): GroupListing {
  if (listed === null) return { groupId, posts: null, oldestSpottedAtMs: null };
  let oldestSpottedAtMs: number | null = null;
  for (const { spottedAtMs } of listed.posts) {
    if (spottedAtMs !== null) {
      oldestSpottedAtMs = Math.min(oldestSpottedAtMs ?? Infinity, spottedAtMs);
    }
  }
  return { groupId, posts: listed.posts.length + listed.malformed, oldestSpottedAtMs };
}

/** Oldest first, and of those that would be the same delivery one. */
function distinct(posts: readonly RecoveredMention[], dedupeBy: DedupeBy): RecoveredMention[] {
  const byKey = new Map(posts.map((post) => [recoveredDeliveryKey(post, dedupeBy), post]));
  return [...(dedupeBy === 'post' ? posts : byKey.values())].toSorted(
    (a, b) => (a.spottedAtMs ?? 0) - (b.spottedAtMs ?? 0),
  );
}
