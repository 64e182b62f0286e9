import type { OpenGap } from './gap.ts';
import type { RedisClient } from '../redis/redis-client.ts';

// More than this many gaps at once are kept as fewer that are longer: none is forgotten.
const MAX_OPEN = 50;

/** Defines `addOpenGap(gaps, json)`. The two oldest become one where there are too many. */
export const LUA_ADD_OPEN_GAP = `
local function addOpenGap(gaps, json)
  redis.call('RPUSH', gaps, json)
  if redis.call('LLEN', gaps) <= ${MAX_OPEN} then return end
  local first = cjson.decode(redis.call('LPOP', gaps))
  local second = cjson.decode(redis.call('LPOP', gaps))
  first.toMs = second.toMs
  redis.call('LPUSH', gaps, cjson.encode(first))
end
`;

/** An open gap as it stands in Redis. */
export interface KeptGap extends OpenGap {
  /** By which it is taken out again. */
  readonly json: string;
}

/** The gap as it is kept. */
export function openGapJson({ fromMs, toMs, foundAtMs }: OpenGap): string {
  return JSON.stringify({ fromMs, toMs, foundAtMs });
}

/** The open gaps, the one found first first. */
export async function readOpenGaps(redis: RedisClient, key: string): Promise<readonly KeptGap[]> {
  const kept = await redis.lrange(key, 0, -1);
  return kept.map((json) => {
    const { fromMs, toMs, foundAtMs } = JSON.parse(json) as OpenGap;
    return { fromMs, toMs, foundAtMs, json };
  });
}
