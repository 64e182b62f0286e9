import type { Queue } from 'bullmq';
import type { RedisClient } from '../redis-client.ts';
import { luaScript } from '../lua-script.ts';

/** The name of a webhook's queue of deliveries. */
export function deliveryQueue(webhook: string): string {
  return `deliver-${webhook}`;
}

// What Queue.rateLimit() does, but several attempts under way may each be told to wait, on several
// replicas at the same moment: the longest wait counts.
const HOLD = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '9007199254740991', 'PX', ARGV[1])
end
return 1
`;

/**
 * Holds a queue of deliveries: no worker takes anything from it for so long, or until
 * `Queue.removeRateLimitKey()` ends it.
 */
export function queueHold(redis: RedisClient): (queue: Queue, durationMs: number) => Promise<void> {
  const hold = luaScript(redis, HOLD);
  return async (queue, durationMs) => {
    await hold([queue.toKey('limiter')], [Math.ceil(durationMs)]);
  };
}
