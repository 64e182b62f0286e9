import type { Gap } from './gap.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';

/** How many of the posts of the last day had come through a window, when they were counted. */
export interface Completeness {
  readonly posts: number;
  readonly inTime: number;
}

/** What the replicas of a relay know together of their polls and sweeps. Times by their clocks. */
export interface RelayState {
  /** When a poll last succeeded, on any replica; null if none ever did. */
  readonly lastPollAtMs: number | null;
  /** How many gaps were ever found. */
  readonly gaps: number;
  readonly lastGap: (Gap & { readonly foundAtMs: number }) | null;
  /** How many mentions were recovered, ever. */
  readonly recovered: number;
  /** What a sweep last had to leave unknown, over all groups. */
  readonly lastUnknown:
    | (Gap & {
        readonly foundAtMs: number;
        /** In how many groups some time can't be searched. */
        readonly groups: number;
        /** Posts of which nobody can tell whether they were missed. */
        readonly posts: number;
      })
    | null;
  /** What counted as one delivery at the last poll; null if there was none, or a release before it. */
  readonly dedupeBy: string | null;
  /** When a sweep of the day last ended; null if none ever did. */
  readonly sweptAtMs: number | null;
  /** When a sweep last began; null if none ever did. */
  readonly triedAtMs: number | null;
  /** What the last sweep of the day counted; null if there was none. */
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
] as const;

/** Reads it. */
export async function readRelayState(redis: RedisClient, keys: RedisKeys): Promise<RelayState> {
  const values = await redis.hmget(keys.state, ...FIELDS);
  const field = (name: (typeof FIELDS)[number]): number | null => {
    // A time that is not known is written as an empty string.
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
    sweptAtMs: field('sweptAtMs'),
    triedAtMs: field('triedAtMs'),
    completeness: posts === null ? null : { posts, inTime: field('sweptInTime') ?? 0 },
  };
}

/** When a poll last succeeded, on any replica; null if none ever did. */
export async function readLastPollAtMs(
  redis: RedisClient,
  keys: RedisKeys,
): Promise<number | null> {
  const { lastPollAtMs } = await readRelayState(redis, keys);
  return lastPollAtMs;
}

/** Keeps that a sweep begins. */
export async function markSweepTried(
  redis: RedisClient,
  keys: RedisKeys,
  triedAtMs: number,
): Promise<void> {
  await redis.hset(keys.state, 'triedAtMs', triedAtMs);
}

/** Has the next sweep of the day come `inMs` from now, unless it comes sooner. */
export async function askForSweep(
  redis: RedisClient,
  keys: RedisKeys,
  { nowMs, inMs }: { readonly nowMs: number; readonly inMs: number },
): Promise<void> {
  const sweptAtMs = nowMs - DAY_MS + inMs;
  const known = Number(await redis.hget(keys.state, 'sweptAtMs'));
  if (known > sweptAtMs) await redis.hset(keys.state, 'sweptAtMs', sweptAtMs);
}

const DAY_MS = 86_400_000;
