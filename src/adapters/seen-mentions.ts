import type { Redis } from 'ioredis';
import { mentionKey, type DedupeBy, type Mention, type MentionKey } from '../domain/mention.ts';
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
 *
 * If the sets of the other way of deduplicating exist, DEDUPE_BY was changed: what they hold
 * counts as seen this once, and they go. Otherwise the change would send the whole window again.
 */
const UNSEEN = `
${LUA_CONTAINS}
${LUA_ROTATE}
local current, previous, otherCurrent, otherPrevious, state = unpack(KEYS)
local size, count = ARGV[1], tonumber(ARGV[2])
local changed = redis.call('EXISTS', otherCurrent, otherPrevious) > 0
local unseen, seen = {}, {}
for i = 1, count do
  local key, otherKey = ARGV[2 + i], ARGV[2 + count + i]
  if contains(current, previous, key) or (changed and contains(otherCurrent, otherPrevious, otherKey)) then
    seen[#seen + 1] = key
  else
    unseen[#unseen + 1] = i - 1
  end
end
if #seen > 0 then
  for _, key in ipairs(seen) do redis.call('SADD', current, key) end
  rotate(current, previous, size)
end
if changed then redis.call('DEL', otherCurrent, otherPrevious) end
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
  readonly redis: Redis;
  readonly keys: RedisKeys;
  readonly dedupeBy: DedupeBy;
  readonly generationSize: number;
}): SeenMentions {
  const { redis, keys, dedupeBy, generationSize } = options;
  const own = keys.seen(dedupeBy);
  const otherBy: DedupeBy = dedupeBy === 'mention' ? 'post' : 'mention';
  const other = keys.seen(otherBy);
  const unseen = luaScript(redis, UNSEEN);
  const mark = luaScript(redis, MARK);

  return {
    async unseen(mentions: readonly Mention[]) {
      const ownKeys = mentions.map((mention) => mentionKey(mention, dedupeBy));
      const otherKeys = mentions.map((mention) => mentionKey(mention, otherBy));
      const reply = await unseen(
        [own.current, own.previous, other.current, other.previous, keys.state],
        [generationSize, mentions.length, ...ownKeys, ...otherKeys],
      );
      const [stateExists, indexes] = reply as [number, number[]];
      return { firstWindow: stateExists === 0, unseenIndexes: indexes };
    },
    async mark(seenKeys: readonly MentionKey[], polledAtMs: number) {
      await mark(
        [own.current, own.previous, keys.state],
        [generationSize, STATE_VERSION, polledAtMs, ...seenKeys],
      );
    },
  };
}
