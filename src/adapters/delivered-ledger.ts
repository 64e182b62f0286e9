import type { Redis } from 'ioredis';
import type { MentionKey } from '../domain/mention.ts';
import type { DeliveredLedger } from '../pipeline/deliver.ts';
import { LUA_CONTAINS, LUA_ROTATE } from './generational-set.ts';
import { luaScript } from './lua-script.ts';
import type { RedisKeys } from './redis-keys.ts';

const HAS = `
${LUA_CONTAINS}
return contains(KEYS[1], KEYS[2], ARGV[1]) and 1 or 0
`;

const RECORD = `
${LUA_ROTATE}
redis.call('SADD', KEYS[1], ARGV[2])
rotate(KEYS[1], KEYS[2], ARGV[1])
return 1
`;

/**
 * Which mentions each webhook has accepted, by key. It catches what the queue alone would send
 * twice: a job that ran again because its lock was lost, or that was added again after its first
 * run had been removed. At least `generationSize` deliveries a webhook are remembered.
 */
export function createDeliveredLedger(options: {
  readonly redis: Redis;
  readonly keys: RedisKeys;
  readonly generationSize: number;
}): DeliveredLedger {
  const { redis, keys, generationSize } = options;
  const has = luaScript(redis, HAS);
  const record = luaScript(redis, RECORD);
  return {
    async has(webhook: string, key: MentionKey) {
      const { current, previous } = keys.delivered(webhook);
      return (await has([current, previous], [key])) === 1;
    },
    async record(webhook: string, key: MentionKey) {
      const { current, previous } = keys.delivered(webhook);
      await record([current, previous], [generationSize, key]);
    },
  };
}
