-- Pauses a webhook for an operator. A pause that lasts goes on, with another end. Goes after now.lua.
-- KEYS: gate
-- ARGV: milliseconds; 0 for no end
-- Returns the time when the pause of before began, the time of its end, and the time of the new end: -1
-- if there was none, 0 for no end.
local gate, lengthMs = KEYS[1], tonumber(ARGV[1])
local since, untilMs, keptMs = unpack(redis.call('HMGET', gate, 'operatorSince', 'operatorUntil', 'operatorMs'))
local before = operatorPause(since, untilMs, keptMs)
redis.call('HSET', gate, 'operatorSince', before and before.since or now)
if lengthMs > 0 then
  redis.call('HSET', gate, 'operatorUntil', now + lengthMs, 'operatorMs', lengthMs)
else
  redis.call('HDEL', gate, 'operatorUntil', 'operatorMs')
end
return {before and before.since or -1, before and before.ends or -1, lengthMs > 0 and now + lengthMs or 0}
