import type { RedisClient } from './redis-client.ts';
import type { RedisKeys } from './redis-keys.ts';

/** When a poll last succeeded, on any replica; null if none ever did. */
export async function readLastPollAtMs(
  redis: RedisClient,
  keys: RedisKeys,
): Promise<number | null> {
  const value = await redis.hget(keys.state, 'lastPollAtMs');
  return value === null ? null : Number(value);
}
