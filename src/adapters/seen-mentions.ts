import type { RedisClient } from './redis-client.ts';
import type { MentionKey } from '../domain/mention.ts';
import type { SeenMentions } from '../pipeline/poll.ts';
import { LUA_CONTAINS, LUA_ROTATE } from './generational-set.ts';
import { luaScript } from './lua-script.ts';
import type { RedisKeys } from './redis-keys.ts';
import { expectOwnVersion, STATE_VERSION } from './state-version.ts';

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
return {unseen, redis.call('HMGET', state, 'version', 'newestSpottedAtMs')}
`;

const MARK = `
${LUA_ROTATE}
local current, previous, state = unpack(KEYS)
redis.call('HSETNX', state, 'version', ARGV[2])
redis.call('HSET', state, 'lastPollAtMs', ARGV[3])
local newest = tonumber(ARGV[4])
if newest and newest > tonumber(redis.call('HGET', state, 'newestSpottedAtMs') or 0) then
  redis.call('HSET', state, 'newestSpottedAtMs', ARGV[4])
end
if ARGV[5] == '1' then
  redis.call('HINCRBY', state, 'gaps', 1)
  redis.call('HSET', state, 'gapAtMs', ARGV[3], 'gapFromMs', ARGV[6], 'gapToMs', ARGV[7])
end
if #ARGV > 7 then
  for i = 8, #ARGV do redis.call('SADD', current, ARGV[i]) end
  rotate(current, previous, ARGV[1])
end
return 1
`;

/** Read-only: nothing is remembered anew. */
const KNOWN = `
${LUA_CONTAINS}
local known = {}
for i = 1, #ARGV do
  if contains(KEYS[1], KEYS[2], ARGV[i]) then known[#known + 1] = i - 1 end
end
return {known, redis.call('EXISTS', KEYS[3])}
`;

/**
 * The seen set in Redis: at least `generationSize` mentions beyond the window are remembered.
 * `unseen` throws StateVersionError if another release has changed the state meanwhile.
 */
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
      const [unseenIndexes, [version, newest]] = reply as [number[], (string | null)[]];
      expectOwnVersion(version ?? null);
      return {
        firstWindow: version === null,
        unseenIndexes,
        newestSpottedAtMs: newest ? Number(newest) : null,
      };
    },
    async mark(seenKeys, { polledAtMs, newestSpottedAtMs, gap }) {
      await mark(
        [current, previous, keys.state],
        [
          generationSize,
          STATE_VERSION,
          polledAtMs,
          newestSpottedAtMs ?? '',
          gap === null ? 0 : 1,
          gap?.fromMs ?? '',
          gap?.toMs ?? '',
          ...seenKeys,
        ],
      );
    },
  };
}

/** Which of a window's mentions are in the seen set, as indexes. Nothing is remembered by asking. */
export async function readSeen(
  redis: RedisClient,
  keys: RedisKeys,
  window: readonly MentionKey[],
): Promise<{ readonly firstWindow: boolean; readonly seenIndexes: readonly number[] }> {
  const { current, previous } = keys.seen;
  const reply = await luaScript(redis, KNOWN)([current, previous, keys.state], window);
  const [seenIndexes, stateExists] = reply as [number[], number];
  return { firstWindow: stateExists === 0, seenIndexes };
}
