import { randomUUID } from 'node:crypto';
import { LUA_NOW, luaScript } from './lua-script.ts';
import type { RedisClient } from './redis-client.ts';

/** Whether a poll may begin. */
export type Beginning =
  | { readonly began: true }
  | {
      readonly began: false;
      /** In how long it may, in milliseconds; null if it is not to come any more. */
      readonly tooEarlyByMs: number | null;
    };

/** Which polls may begin, over all replicas and by Redis's clock. */
export interface PollPace {
  /**
   * Whether a poll may begin now: not yet if another one began less than `leastMs` ago, and not at
   * all if its token is no longer the latest one. A heartbeat's is null.
   */
  begin(token: string | null, leastMs: number): Promise<Beginning>;
  /** Makes all tokens of before void: only the poll with this one may come between heartbeats. */
  newToken(): Promise<string>;
}

const BEGIN = `
${LUA_NOW}
local began, token = unpack(redis.call('HMGET', KEYS[1], 'beganAtMs', 'token'))
if ARGV[1] ~= '' and ARGV[1] ~= token then return {0, -1} end
local sinceMs = began and now - began
if sinceMs and sinceMs >= 0 and sinceMs < tonumber(ARGV[2]) then
  return {0, math.ceil(ARGV[2] - sinceMs)}
end
redis.call('HSET', KEYS[1], 'beganAtMs', now)
return {1, 0}
`;

/** The pace of one relay, in the hash `key`. */
export function createPollPace(redis: RedisClient, key: string): PollPace {
  const begin = luaScript(redis, BEGIN);
  return {
    async begin(token, leastMs) {
      const reply = await begin([key], [token ?? '', leastMs]);
      const [began, inMs] = reply as [number, number];
      return began === 1 ? { began: true } : { began: false, tooEarlyByMs: inMs < 0 ? null : inMs };
    },
    async newToken() {
      const token = randomUUID();
      await redis.hset(key, 'token', token);
      return token;
    },
  };
}
