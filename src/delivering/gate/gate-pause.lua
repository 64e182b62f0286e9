-- Pauses a webhook. A longer pause stays. Returns 1 if the webhook was not paused, or if its pause
-- becomes at least a second longer; otherwise 0: requests under way are refused together.
-- KEYS: gate
-- ARGV: milliseconds
local before = math.max(tonumber(redis.call('HGET', KEYS[1], 'pausedUntil') or 0), now)
local pausedUntil = math.max(before, now + ARGV[1])
redis.call('HSET', KEYS[1], 'pausedUntil', pausedUntil)
return (before == now or pausedUntil - before >= 1000) and 1 or 0
