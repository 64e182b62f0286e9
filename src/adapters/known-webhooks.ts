import type { RedisKeys } from './redis-keys.ts';
import type { RedisClient } from './redis-client.ts';

/** The names of all webhooks that ever had a delivery, also those no longer configured. */
export interface KnownWebhooks {
  /** To be called before deliveries are queued, each time: Redis may have been emptied since. */
  add(webhook: string): Promise<void>;
  /** In alphabetical order. */
  names(): Promise<readonly string[]>;
}

/** The names in Redis, over all replicas. */
export function createKnownWebhooks(redis: RedisClient, keys: RedisKeys): KnownWebhooks {
  return {
    async add(webhook) {
      await redis.sadd(keys.webhooks, webhook);
    },
    async names() {
      return (await redis.smembers(keys.webhooks)).toSorted();
    },
  };
}
