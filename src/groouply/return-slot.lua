-- Lets a slot come back one window from now. Time is rounded up: a slot must not come back early.
--
-- KEYS[1]  slots
-- ARGV[1]  length of the window, in milliseconds
-- ARGV[2]  token of the slot
local time = redis.call('TIME')
local now = time[1] * 1000 + math.ceil(time[2] / 1000)
return redis.call('ZADD', KEYS[1], 'XX', now + ARGV[1], ARGV[2])
