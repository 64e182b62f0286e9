import { randomUUID } from 'node:crypto';
import { LUA_NOW, luaScript } from './lua-script.ts';
import type { RedisClient } from './redis-client.ts';

/** Which polls may begin, over all replicas and by Redis's clock. */
export interface PollPace {
  /**
   * Whether a poll may begin now: not if another one began less than `leastMs` ago, and not if its
   * token is no longer the latest one.
   */
  begin(token: string | null, leastMs: number): Promise<boolean>;
  /** Makes all tokens of before void: only the poll with this one may come between heartbeats. */
  newToken(): Promise<string>;
}

const BEGIN = `
${LUA_NOW}
local began, token = unpack(redis.call('HMGET', KEYS[1], 'beganAtMs', 'token'))
if ARGV[1] ~= '' and ARGV[1] ~= token then return 0 end
if began and now - began >= 0 and now - began < tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'beganAtMs', now)
return 1
`;

/** The pace of one relay, in the hash `key`. */
export function createPollPace(redis: RedisClient, key: string): PollPace {
  const begin = luaScript(redis, BEGIN);
  return {
    begin: async (token, leastMs) => (await begin([key], [token ?? '', leastMs])) === 1,
    async newToken() {
      const token = randomUUID();
      await redis.hset(key, 'token', token);
      return token;
    },
  };
}
