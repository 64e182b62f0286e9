import { type EventLog, isoTime } from '../domain/event-log.ts';
import { loggableId } from '../domain/mention.ts';
import { recoveredDeliveryKeyBy, type KeyRule } from '../domain/old-keys.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import type { Gap, OpenGap } from '../state/gap.ts';
import type { Completeness } from '../state/relay-state.io.ts';
import {
  countUndecidable,
  isWithin,
  listingOf,
  unknownStretches,
  type GroupListing,
  type GroupPosts,
  type JudgedPost,
  type UnknownStretch,
} from './sweep-limits.ts';

/** The memory of sweeps, and of polls for them. */
export interface RecoveryMemory<G extends OpenGap> {
  openGaps(): Promise<readonly G[]>;
  /** Every mention spotted since this time is remembered; an older one may seem new. */
  rememberedFromMs(): Promise<number>;
  /** Judges each of these posts by this memory, in their order. */
  judge(posts: readonly RecoveredMention[]): Promise<readonly JudgedPost['status'][]>;
  markRecovered(posts: readonly RecoveredMention[]): Promise<void>;
  /** Closes gaps, and records the result of the sweep. */
  conclude(closed: readonly G[], swept: Swept): Promise<void>;
}

/** A group of the account, for a sweep. */
export interface SweptGroup {
  readonly id: string;
  /** Untracked groups are listed too: tracking may have just ended. */
  readonly tracked: boolean;
}

export interface SweepPorts<G extends OpenGap> {
  /** All groups of the account. */
  readonly groups: (signal: AbortSignal) => Promise<readonly SweptGroup[]>;
  /** Returns null if this group can't be read now; others may be readable. */
  readonly postsOf: (groupId: string, signal: AbortSignal) => Promise<GroupPosts | null>;
  readonly memory: RecoveryMemory<G>;
  /** Resolves when Redis has acknowledged every delivery of all posts. */
  readonly queue: (posts: readonly RecoveredMention[]) => Promise<void>;
  readonly log: EventLog;
  readonly nowMs: () => number;
}

/** The result of a sweep. `day` is null if it searched only gaps. */
export interface Swept {
  readonly sweptAtMs: number;
  readonly recovered: number;
  /** Number of tracked groups that could not be read. */
  readonly unreadable: number;
  readonly unknown: readonly UnknownStretch[];
  /** Number of posts that may or may not have been missed in gaps. */
  readonly undecidable: number;
  readonly day: Completeness | null;
}

/** The mentions that a sweep searches for. */
export interface SweepScope {
  /** The day to search; null to search only open gaps. */
  readonly day: { readonly fromMs: number; readonly toMs: number } | null;
}

// A gap is closed this long after it was found, though some groups can't be read.
const MAX_OPEN_MS = 86_400_000;
// A mention may be listed later than others that were spotted after it.
const LATE_MS = 600_000;
const FEW = 20;
const MAX_STRETCHES_LOGGED = 20;

/**
 * Runs one sweep: lists the posts of every group, and queues unknown posts that were spotted in an
 * open gap or in the day, oldest first. Closes a gap if every tracked group could be read. Logs
 * parts that the lists do not reach, and undecidable posts.
 *
 * As in a poll, posts are marked only after they are queued: a crash repeats the sweep, and the
 * deterministic job ids prevent duplicates.
 */
export async function sweep<G extends OpenGap>(
  ports: SweepPorts<G>,
  { day, ...rule }: SweepScope & KeyRule,
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
    // Without a link a post can't be distinguished from a known mention.
    return { post, status: post.link === '' ? 'seen' : (statuses[index] ?? 'seen') };
  });
  const missed = distinct(
    judged.filter(({ status }) => status === 'missed').map(({ post }) => post),
    rule,
  );
  const counted = judged.filter(({ post }) => inDay(post));
  const late = missed.filter((post) => inDay(post) && !inGaps(post));
  const distrusted = late.length >= FEW && late.length * 2 > counted.length;
  if (distrusted) {
    log.warn(
      'sweep.distrusted',
      { posts: counted.length, missed: late.length },
      'most posts of the last day look missed outside any gap; the sweep sends none of those',
    );
  }
  const toQueue = distrusted ? missed.filter((post) => !late.includes(post)) : missed;
  await ports.queue(toQueue);
  await memory.markRecovered(toQueue);

  const nowMs = ports.nowMs();
  const readable = listings.length > 0 && listings.every(({ posts }) => posts !== null);
  const closed = gaps.filter(({ foundAtMs }) => readable || nowMs - foundAtMs > MAX_OPEN_MS);
  const stretches = closed.map((gap) => unknownStretches(gap, listings, rememberedFromMs));
  // Visits every post, so it runs only if there is a gap to report.
  const unclear = closed.length === 0 ? [] : closed.map(countUndecidable(judged, lists, rule));
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

/** Returns the time in which a gap's mentions are searched. */
function searched({ fromMs, toMs }: Gap): Gap {
  return { fromMs: fromMs === null ? null : fromMs - LATE_MS, toMs };
}

/** Returns the posts oldest first, one post per resulting delivery. */
function distinct(posts: readonly RecoveredMention[], rule: KeyRule): RecoveredMention[] {
  const byKey = new Map(posts.map((post) => [recoveredDeliveryKeyBy(post, rule), post]));
  return [...(rule.dedupeBy === 'post' ? posts : byKey.values())].toSorted(
    (a, b) => (a.spottedAtMs ?? 0) - (b.spottedAtMs ?? 0),
  );
}

/** Logs the result of the search in a gap. */
function logGapClosed(
  log: EventLog,
  { fromMs, toMs }: Gap,
  found: {
    readonly recovered: number;
    /** Number of groups searched. */
    readonly groups: number;
    readonly unknown: readonly UnknownStretch[];
    readonly undecidable: number;
  },
): void {
  const { recovered, groups, unknown, undecidable } = found;
  const fields = { missingFrom: isoTime(fromMs), missingTo: isoTime(toMs), recovered, groups };
  if (groups > 0 && unknown.length === 0 && undecidable === 0) {
    log.info('gap.closed', fields, 'all groups were searched; the gap is closed');
    return;
  }
  log.warn(
    'gap.unresolved',
    {
      ...fields,
      undecidable,
      unknownGroups: unknown.length,
      unknown: unknown.slice(0, MAX_STRETCHES_LOGGED).map((stretch) => ({
        groupId: loggableId(stretch.groupId),
        from: isoTime(stretch.fromMs),
        to: isoTime(stretch.toMs),
      })),
    },
    'the groups were searched; part of the gap could not be checked, and mentions may be missing',
  );
}
