-- Pauses a webhook. A longer pause stays.
-- KEYS: gate
-- ARGV: milliseconds
local kept = redis.call('HMGET', KEYS[1], 'pausedUntil', 'pauseMs')
local leftMs = math.min(tonumber(kept[1] or 0) - now, tonumber(kept[2] or 3600000))
if leftMs < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'pausedUntil', now + ARGV[1], 'pauseMs', ARGV[1])
end
return 1
