-- Version 4 has keys that hold less of a mention's link. The old ones still count for mentions that were
-- spotted before this moment. Groouply's clock may be ahead of Redis's.
local function migrate(state)
  local newest = tonumber(redis.call('HGET', state, 'newestSpottedAtMs') or '') or 0
  redis.call('HSET', state, 'keysSinceMs', math.max(now, newest + 1))
end
