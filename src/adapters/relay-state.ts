import type { Gap } from '../pipeline/gap.ts';
import type { RedisClient } from './redis-client.ts';
import type { RedisKeys } from './redis-keys.ts';

/** What the replicas of a relay know together of their polls. */
export interface RelayState {
  /** When a poll last succeeded, on any replica; null if none ever did. */
  readonly lastPollAtMs: number | null;
  /** How many gaps were ever found. */
  readonly gaps: number;
  readonly lastGap: (Gap & { readonly foundAtMs: number }) | null;
}

/** Reads it. */
export async function readRelayState(redis: RedisClient, keys: RedisKeys): Promise<RelayState> {
  const fields = ['lastPollAtMs', 'gaps', 'gapAtMs', 'gapFromMs', 'gapToMs'];
  const values = await redis.hmget(keys.state, ...fields);
  // A time that is not known is written as an empty string.
  const [lastPollAtMs, gaps, foundAtMs, fromMs, toMs] = values.map((value) =>
    value ? Number(value) : null,
  );
  return {
    lastPollAtMs: lastPollAtMs ?? null,
    gaps: gaps ?? 0,
    lastGap: foundAtMs ? { foundAtMs, fromMs: fromMs ?? null, toMs: toMs ?? null } : null,
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
