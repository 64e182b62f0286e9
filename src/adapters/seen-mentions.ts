import type { RedisClient } from './redis-client.ts';
import type { SeenMentions } from '../pipeline/poll.ts';
import { LUA_CONTAINS, LUA_ROTATE } from './generational-set.ts';
import { luaScript } from './lua-script.ts';
import type { RedisKeys } from './redis-keys.ts';

/** The version of what we keep in Redis, so that a later release can tell what it finds. */
const STATE_VERSION = 1;

/**
 * One call for a whole window. Every key that was seen is added to `current` again: retention
 * counts from the last time a mention was in a window, so a quiet account never forgets what its
 * window still shows.
 */
const UNSEEN = `
${LUA_CONTAINS}
${LUA_ROTATE}
local current, previous, state = unpack(KEYS)
local seen, unseen = {}, {}
for i = 2, #ARGV do
  if contains(current, previous, ARGV[i]) then
    seen[#seen + 1] = ARGV[i]
  else
    unseen[#unseen + 1] = i - 2
  end
end
if #seen > 0 then
  for _, key in ipairs(seen) do redis.call('SADD', current, key) end
  rotate(current, previous, ARGV[1])
end
return {redis.call('EXISTS', state), unseen}
`;

const MARK = `
${LUA_ROTATE}
local current, previous, state = unpack(KEYS)
redis.call('HSETNX', state, 'version', ARGV[2])
redis.call('HSET', state, 'lastPollAtMs', ARGV[3])
if #ARGV > 3 then
  for i = 4, #ARGV do redis.call('SADD', current, ARGV[i]) end
  rotate(current, previous, ARGV[1])
end
return 1
`;

/** The seen set in Redis: at least `generationSize` mentions beyond the window are remembered. */
export function createSeenMentions(options: {
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly generationSize: number;
}): SeenMentions {
  const { redis, keys, generationSize } = options;
  const { current, previous } = keys.seen;
  const unseen = luaScript(redis, UNSEEN);
  const mark = luaScript(redis, MARK);

  return {
    async unseen(window) {
      const reply = await unseen([current, previous, keys.state], [generationSize, ...window]);
      const [stateExists, indexes] = reply as [number, number[]];
      return { firstWindow: stateExists === 0, unseenIndexes: indexes };
    },
    async mark(seenKeys, polledAtMs) {
      await mark(
        [current, previous, keys.state],
        [generationSize, STATE_VERSION, polledAtMs, ...seenKeys],
      );
    },
  };
}
