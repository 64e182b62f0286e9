-- Marks mentions as seen, and records the poll that brought them.
--
-- KEYS[1]   seen set, current
-- KEYS[2]   seen set, previous
-- KEYS[3]   state
-- KEYS[4]   open gaps
-- ARGV[1]   size of a generation, in keys
-- ARGV[2]   version of the state
-- ARGV[3]   when the window was received, by the replica's clock
-- ARGV[4]   when its newest mention was spotted, or ''
-- ARGV[5]   the gap before it as JSON, or ''
-- ARGV[6]   beginning of that gap, or ''
-- ARGV[7]   end of that gap, or ''
-- ARGV[8]   DEDUPE_BY
-- ARGV[9]   sweptAtMs of a state that begins with this poll
-- ARGV[10]  '1' if there was no state when the poll began, else '0'
-- ARGV[11]  and on: the keys to add
--
-- Returns 1, or 0 if the state vanished during the poll: then nothing was written.

-- Beyond this number two gaps become one longer gap: no gap is forgotten.
local MAX_OPEN_GAPS = 50
local function addOpenGap(gaps, json)
  redis.call('RPUSH', gaps, json)
  if redis.call('LLEN', gaps) <= MAX_OPEN_GAPS then return end
  local first = cjson.decode(redis.call('LPOP', gaps))
  local second = cjson.decode(redis.call('LPOP', gaps))
  first.toMs = second.toMs
  redis.call('LPUSH', gaps, cjson.encode(first))
end

local current, previous, state, gaps = unpack(KEYS)
local size, version, polledAt, newest, gap, gapFrom, gapTo, dedupeBy, sweptAt, first = unpack(ARGV, 1, 10)
if first == '0' and redis.call('HEXISTS', state, 'version') == 0 then return 0 end
local since = newest ~= '' and newest or polledAt
if redis.call('HSETNX', state, 'version', version) == 1 then
  redis.call('HSET', state, 'rememberedFromMs', since, 'generationAtMs', now, 'sweptAtMs', sweptAt)
elseif redis.call('HGET', state, 'dedupeBy') ~= dedupeBy then
  redis.call('HSET', state, 'rememberedFromMs', since)
end
redis.call('HSET', state, 'lastPollAtMs', polledAt, 'markedAtMs', now, 'dedupeBy', dedupeBy)
if newest ~= '' and tonumber(newest) > tonumber(redis.call('HGET', state, 'newestSpottedAtMs') or 0) then
  redis.call('HSET', state, 'newestSpottedAtMs', newest)
end
if gap ~= '' then
  redis.call('HINCRBY', state, 'gaps', 1)
  redis.call('HSET', state, 'gapAtMs', polledAt, 'gapFromMs', gapFrom, 'gapToMs', gapTo)
  addOpenGap(gaps, gap)
end
local seen = {}
for i = 11, #ARGV do seen[#seen + 1] = ARGV[i] end
if #seen > 0 then
  add(current, seen)
  rotateSeen(current, previous, state, size)
end
return 1
