import type { RedisClient } from './redis-client.ts';
import { LUA_NOW, luaScript } from './lua-script.ts';

/** Signs of life of all workers of deliveries, of every replica, by Redis's own clock. */
export interface WorkerSigns {
  /** Gives a sign of life of these workers, and names the others that have given none for too long. */
  give(workers: readonly string[]): Promise<readonly string[]>;
  /** Forgets workers of which nothing is left to take over. */
  forget(workers: readonly string[]): Promise<void>;
}

/** How often signs are to be given. */
export const SIGN_INTERVAL_MS = 2_000;
// Longer than a replica hangs in the worst of everyday life: who is taken for dead and is not may
// have a POST under way, which is then made twice.
const SILENT_MS = 10_000;
// Nobody gives signs for so long unless Redis was away, or all replicas were. It is no silence of
// one's own then, and those who live need the time to come back.
const HOLE_MS = 3 * SIGN_INTERVAL_MS;
// Of workers that nobody takes over from: those of a webhook that is configured no more.
const FORGOTTEN_MS = 3_600_000;

// The fields `@last`, when anybody gave a sign, and `@since`, from when on somebody always did, are
// no worker's.
const GIVE = `
${LUA_NOW}
local signs = KEYS[1]
local silentMs, holeMs, forgottenMs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local last = tonumber(redis.call('HGET', signs, '@last') or 0)
if now - last > holeMs or last > now then redis.call('HSET', signs, '@since', now) end
redis.call('HSET', signs, '@last', now)
for i = 4, #ARGV do redis.call('HSET', signs, ARGV[i], now) end

local since = tonumber(redis.call('HGET', signs, '@since'))
local silent = {}
local all = redis.call('HGETALL', signs)
for i = 1, #all, 2 do
  local worker, at = all[i], tonumber(all[i + 1])
  if string.sub(worker, 1, 1) ~= '@' then
    if now - at > forgottenMs then
      redis.call('HDEL', signs, worker)
    elseif now - at >= silentMs and now - since >= silentMs then
      silent[#silent + 1] = worker
    end
  end
end
return silent
`;

/** The signs that are kept under `key`. */
export function createWorkerSigns(redis: RedisClient, key: string): WorkerSigns {
  const give = luaScript(redis, GIVE);
  return {
    give: async (workers) =>
      (await give([key], [SILENT_MS, HOLE_MS, FORGOTTEN_MS, ...workers])) as string[],
    async forget(workers) {
      await redis.hdel(key, ...workers);
    },
  };
}
