import type { EventLog } from '../domain/events.ts';
import type { RecoveredMention } from '../domain/recovered-mention.ts';
import type { Gap, OpenGap } from './gap.ts';
import { unknownStretches, type GroupListing, type UnknownStretch } from './sweep-reach.ts';

/** The posts of one tracked group, as `POST /account/group` lists them. */
export interface GroupPosts {
  readonly posts: readonly RecoveredMention[];
  /** How many could not be read. */
  readonly malformed: number;
}

/** What a sweep remembers, and what the polls remember for it. */
export interface RecoveryMemory<G extends OpenGap> {
  openGaps(): Promise<readonly G[]>;
  /** Since when every mention that was handled is remembered as such: before it any may seem new. */
  rememberedFromMs(): Promise<number>;
  /** Those that were in no window and were not recovered, as far as is remembered. */
  unknown(posts: readonly RecoveredMention[]): Promise<readonly RecoveredMention[]>;
  markRecovered(posts: readonly RecoveredMention[]): Promise<void>;
  /** Closes gaps, and keeps what came of the sweep. */
  conclude(closed: readonly G[], swept: Swept): Promise<void>;
}

export interface SweepPorts<G extends OpenGap> {
  /** The ids of the groups that are tracked now. */
  readonly trackedGroups: (signal: AbortSignal) => Promise<readonly string[]>;
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
  readonly unknown: readonly UnknownStretch[];
  readonly day: Completeness | null;
}

/** How many of the posts of the last day had come through a window, when they were counted. */
export interface Completeness {
  readonly posts: number;
  readonly inTime: number;
}

/** Of which mentions a sweep makes sure. */
export interface SweepScope {
  /** All that was spotted in between; null where only open gaps are looked into. */
  readonly day: { readonly fromMs: number; readonly toMs: number } | null;
}

// A gap is given up, as far as groups can't be read, this long after it was found.
const LONGEST_OPEN_MS = 86_400_000;

/**
 * One sweep: asks every tracked group for its posts, and queues those that were spotted in an open
 * gap, or in the day, and are not known, oldest first. A gap is closed when every group could be
 * read; what their lists do not reach is told as unknown. As in a poll, what was found is marked
 * only when it is queued: a crash repeats the sweep, and the deterministic job ids absorb it.
 */
export async function sweep<G extends OpenGap>(
  ports: SweepPorts<G>,
  { day }: SweepScope,
  signal: AbortSignal,
): Promise<Swept> {
  const { memory, log } = ports;
  const gaps = await memory.openGaps();
  const rememberedFromMs = await memory.rememberedFromMs();
  const inDay = (spottedAtMs: number): boolean => day !== null && isWithin(spottedAtMs, day);
  // Without a link a post can't be told from a mention that is known.
  const inScope = ({ link, spottedAtMs }: RecoveredMention): boolean =>
    link !== '' &&
    spottedAtMs !== null &&
    spottedAtMs >= rememberedFromMs &&
    (inDay(spottedAtMs) || gaps.some((gap) => isWithin(spottedAtMs, gap)));

  const listings: GroupListing[] = [];
  const candidates: RecoveredMention[] = [];
  for (const groupId of await ports.trackedGroups(signal)) {
    const listed = await ports.postsOf(groupId, signal);
    listings.push(listingOf(groupId, listed));
    candidates.push(...(listed?.posts.filter(inScope) ?? []));
  }

  const missed = [...(await memory.unknown(candidates))].toSorted(bySpotted);
  await ports.queue(missed);
  await memory.markRecovered(missed);

  const nowMs = ports.nowMs();
  const readable = listings.every(({ posts }) => posts !== null);
  const closed = gaps.filter(({ foundAtMs }) => readable || nowMs - foundAtMs > LONGEST_OPEN_MS);
  const swept: Swept = {
    sweptAtMs: nowMs,
    recovered: missed.length,
    unknown: closed.flatMap((gap) => unknownStretches(gap, listings, rememberedFromMs)),
    day: day && readable ? completenessOf(candidates, missed, inDay) : null,
  };
  await memory.conclude(closed, swept);
  for (const gap of closed) {
    tellClosed(log, gap, {
      recovered: missed.filter((post) => isWithin(post.spottedAtMs, gap)).length,
      groups: listings.length,
      unknown: unknownStretches(gap, listings, rememberedFromMs),
    });
  }
  return swept;
}

function listingOf(groupId: string, listed: GroupPosts | null): GroupListing {
  if (listed === null) return { groupId, posts: null, oldestSpottedAtMs: null };
  const times = listed.posts.flatMap(({ spottedAtMs }) => spottedAtMs ?? []);
  return {
    groupId,
    posts: listed.posts.length + listed.malformed,
    oldestSpottedAtMs: times.length === 0 ? null : Math.min(...times),
  };
}

function completenessOf(
  candidates: readonly RecoveredMention[],
  missed: readonly RecoveredMention[],
  inDay: (spottedAtMs: number) => boolean,
): Completeness {
  const count = (posts: readonly RecoveredMention[]): number =>
    posts.filter(({ spottedAtMs }) => spottedAtMs !== null && inDay(spottedAtMs)).length;
  const posts = count(candidates);
  return { posts, inTime: posts - count(missed) };
}

/** Both ends belong to it: the API's times are whole seconds, and may fall into the same one. */
function isWithin(spottedAtMs: number | null, { fromMs, toMs }: Gap): boolean {
  return (
    spottedAtMs !== null &&
    spottedAtMs >= (fromMs ?? -Infinity) &&
    spottedAtMs <= (toMs ?? Infinity)
  );
}

function bySpotted(a: RecoveredMention, b: RecoveredMention): number {
  return (a.spottedAtMs ?? 0) - (b.spottedAtMs ?? 0);
}

const MOST_STRETCHES_TOLD = 20;

function tellClosed(
  log: EventLog,
  { fromMs, toMs }: Gap,
  found: {
    readonly recovered: number;
    readonly groups: number;
    readonly unknown: readonly UnknownStretch[];
  },
): void {
  const { recovered, groups, unknown } = found;
  const fields = { missingFrom: iso(fromMs), missingTo: iso(toMs), recovered, groups };
  if (unknown.length === 0) {
    log.info('gap.closed', fields, 'all groups were searched: nothing of the gap is missing now');
    return;
  }
  log.warn(
    'gap.unresolved',
    {
      ...fields,
      unknownGroups: unknown.length,
      unknown: unknown.slice(0, MOST_STRETCHES_TOLD).map((stretch) => ({
        groupId: stretch.groupId.replace(/[^\w.:-]/g, '?').slice(0, 64),
        from: iso(stretch.fromMs),
        to: iso(stretch.toMs),
      })),
    },
    'the groups were searched as far back as the API shows them: what lies before that remains unknown',
  );
}

function iso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
