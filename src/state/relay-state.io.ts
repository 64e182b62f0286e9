import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import type { Gap, OpenGap } from './gap.ts';

/** The posts of the last day, and how many of them had come through a window when counted. */
export interface Completeness {
  readonly posts: number;
  readonly inTime: number;
}

/** The facts that all replicas of a relay share about polls and sweeps. Times by their clocks. */
export interface RelayState {
  /** When a poll last succeeded, on any replica; null if none ever did. */
  readonly lastPollAtMs: number | null;
  /** Number of gaps ever found. */
  readonly gaps: number;
  readonly lastGap: (Gap & { readonly foundAtMs: number }) | null;
  /** Number of mentions ever recovered. */
  readonly recovered: number;
  /** The unknown part of the last sweep that left one, over all groups. */
  readonly lastUnknown:
    | (Gap & {
        readonly foundAtMs: number;
        /** Number of groups in which some time can't be searched. */
        readonly groups: number;
        /** Number of posts that may have been missed, with no way to decide. */
        readonly posts: number;
      })
    | null;
  /** DEDUPE_BY of the last poll; null if there was none, or an older release made it. */
  readonly dedupeBy: string | null;
  /**
   * Since when mentions are known by their present keys; undefined if no key of an older release is
   * left. By Redis's clock.
   */
  readonly keysSinceMs: number | undefined;
  /** When a sweep of the day last ended; null if none ever did. */
  readonly sweptAtMs: number | null;
  /** When a sweep last began; null if none ever did. */
  readonly triedAtMs: number | null;
  /** The count of the last sweep of the day; null if there was none. */
  readonly completeness: Completeness | null;
}

const FIELDS = [
  'lastPollAtMs',
  'gaps',
  'gapAtMs',
  'gapFromMs',
  'gapToMs',
  'recovered',
  'unknownAtMs',
  'unknownGroups',
  'unknownPosts',
  'unknownFromMs',
  'unknownToMs',
  'sweptAtMs',
  'triedAtMs',
  'sweptPosts',
  'sweptInTime',
  'dedupeBy',
  'keysSinceMs',
] as const;

const DAY_MS = 86_400_000;

/** Reads the state of the relay. */
export async function readRelayState(redis: RedisClient, keys: RedisKeys): Promise<RelayState> {
  const values = await redis.hmget(keys.state, ...FIELDS);
  const field = (name: (typeof FIELDS)[number]): number | null => {
    // An unknown time is written as an empty string.
    const value = values[FIELDS.indexOf(name)];
    return value ? Number(value) : null;
  };
  const [gapAtMs, unknownAtMs] = [field('gapAtMs'), field('unknownAtMs')];
  const posts = field('sweptPosts');
  return {
    lastPollAtMs: field('lastPollAtMs'),
    gaps: field('gaps') ?? 0,
    lastGap:
      gapAtMs === null
        ? null
        : { foundAtMs: gapAtMs, fromMs: field('gapFromMs'), toMs: field('gapToMs') },
    recovered: field('recovered') ?? 0,
    lastUnknown:
      unknownAtMs === null
        ? null
        : {
            foundAtMs: unknownAtMs,
            groups: field('unknownGroups') ?? 0,
            posts: field('unknownPosts') ?? 0,
            fromMs: field('unknownFromMs'),
            toMs: field('unknownToMs'),
          },
    dedupeBy: values[FIELDS.indexOf('dedupeBy')] ?? null,
    keysSinceMs: field('keysSinceMs') ?? undefined,
    sweptAtMs: field('sweptAtMs'),
    triedAtMs: field('triedAtMs'),
    completeness: posts === null ? null : { posts, inTime: field('sweptInTime') ?? 0 },
  };
}

/** Reads when a poll last succeeded, on any replica; null if none ever did. */
export async function readLastPollAtMs(
  redis: RedisClient,
  keys: RedisKeys,
): Promise<number | null> {
  const { lastPollAtMs } = await readRelayState(redis, keys);
  return lastPollAtMs;
}

// Longer than the time from one try of a rejected key to the next.
const REJECTION_KEPT_MS = 600_000;

/** Records that the API rejected the key. `key` is `BudgetKeys.rejected`. */
export async function markKeyRejected(
  redis: RedisClient,
  key: string,
  rejectedAtMs: number,
): Promise<void> {
  await redis.set(key, rejectedAtMs, 'PX', REJECTION_KEPT_MS);
}

/** Records that a sweep began. */
export async function markSweepTried(
  redis: RedisClient,
  keys: RedisKeys,
  triedAtMs: number,
): Promise<void> {
  await redis.hset(keys.state, 'triedAtMs', triedAtMs);
}

/** Brings the next sweep of the day forward to `inMs` from now, unless it is due sooner. */
export async function bringSweepForward(
  redis: RedisClient,
  keys: RedisKeys,
  { nowMs, inMs }: { readonly nowMs: number; readonly inMs: number },
): Promise<void> {
  const sweptAtMs = nowMs - DAY_MS + inMs;
  const known = Number(await redis.hget(keys.state, 'sweptAtMs'));
  if (known > sweptAtMs) await redis.hset(keys.state, 'sweptAtMs', sweptAtMs);
}

/** An open gap, with its text in Redis. */
export interface KeptGap extends OpenGap {
  /** Identifies the gap when it is removed. */
  readonly json: string;
}

/** Returns the text of a gap in Redis. */
export function openGapJson({ fromMs, toMs, foundAtMs }: OpenGap): string {
  return JSON.stringify({ fromMs, toMs, foundAtMs });
}

/** Reads the open gaps, in the order in which they were found. */
export async function readOpenGaps(redis: RedisClient, key: string): Promise<readonly KeptGap[]> {
  const kept = await redis.lrange(key, 0, -1);
  return kept.map((json) => {
    const { fromMs, toMs, foundAtMs } = JSON.parse(json) as OpenGap;
    return { fromMs, toMs, foundAtMs, json };
  });
}
