-- Pauses a webhook. A longer pause stays. Returns for how long it is paused now, in milliseconds.
-- KEYS: gate
-- ARGV: milliseconds
local pausedUntil = math.max(tonumber(redis.call('HGET', KEYS[1], 'pausedUntil') or 0), now + ARGV[1])
redis.call('HSET', KEYS[1], 'pausedUntil', pausedUntil)
return pausedUntil - now
