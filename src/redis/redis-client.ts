import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Cluster, type Redis, ReplyError } from 'ioredis';

/** A connection to one Redis server or to a Cluster. Its keys must share one slot. */
export type RedisClient = Redis | Cluster;

/** Runs one Lua script, atomically, and returns Redis's answer as it is. */
export type LuaScript = (
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/**
 * Reads Lua from a file beside the module that uses it: `readLua(new URL('./now.lua', import.meta.url))`.
 * The build puts these files beside the program.
 */
export function readLua(file: URL): string {
  return readFileSync(file, 'utf8');
}

/** Lua that sets `now`: milliseconds since 1970, by Redis's own clock. Goes before a script. */
export const LUA_NOW = readLua(new URL('./now.lua', import.meta.url));

/** Lua that defines `contains` and `rotate` of a generational set. Goes before a script. */
export const LUA_GENERATIONAL_SET = readLua(new URL('./generational-set.lua', import.meta.url));

/**
 * Creates a Lua script on one connection. It is sent by its hash, and as a whole only if Redis does
 * not know it yet (a new or restarted server, or after SCRIPT FLUSH).
 */
export function luaScript(redis: RedisClient, lua: string): LuaScript {
  const sha1 = createHash('sha1').update(lua).digest('hex');
  return async (keys, args) => {
    try {
      return await redis.evalsha(sha1, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof ReplyError && (error as Error).message.startsWith('NOSCRIPT')))
        throw error;
      return redis.eval(lua, keys.length, ...keys, ...args);
    }
  };
}

const CLAIM_PERIOD = readLua(new URL('./claim-period.lua', import.meta.url));

/** Returns true once per `periodMs`, over all replicas, whatever the clock of Redis does. */
export async function claimPeriod(
  redis: RedisClient,
  key: string,
  periodMs: number,
): Promise<boolean> {
  return (await luaScript(redis, CLAIM_PERIOD)([key], [periodMs])) === 1;
}
