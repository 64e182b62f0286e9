-- Pauses a webhook. A longer pause stays. Returns 1 if the webhook was not paused, or if its pause
-- becomes at least a second longer; otherwise 0: requests under way are refused together.
-- KEYS: gate
-- ARGV: milliseconds
local pauseMs = tonumber(ARGV[1])
local kept = redis.call('HMGET', KEYS[1], 'pausedUntil', 'pauseMs')
local leftMs = math.max(0, math.min(tonumber(kept[1] or 0) - now, tonumber(kept[2] or 3600000)))
if leftMs < pauseMs then
  redis.call('HSET', KEYS[1], 'pausedUntil', now + pauseMs, 'pauseMs', pauseMs)
end
return (leftMs == 0 or pauseMs - leftMs >= 1000) and 1 or 0
