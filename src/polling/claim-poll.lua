-- Lets a poll begin, unless another one began too recently. Goes after now.lua.
--
-- KEYS[1]  hash: beganAtMs, when a poll last began; token and delayMs of the next extra poll
-- ARGV[1]  token of an extra poll, or '' for a scheduled poll
-- ARGV[2]  least time since the last poll began, in milliseconds
--
-- Returns {1, delayMs or -1} if it may begin; {0, milliseconds that it comes too early}; {0, -1} if
-- its token is no longer valid.
local began, token, delayMs = unpack(redis.call('HMGET', KEYS[1], 'beganAtMs', 'token', 'delayMs'))
if ARGV[1] ~= '' and ARGV[1] ~= token then return {0, -1} end
local sinceMs = began and now - began
-- Less than zero: the clock went back. Then nothing is known of the last poll.
if sinceMs and sinceMs >= 0 and sinceMs < tonumber(ARGV[2]) then
  return {0, math.ceil(ARGV[2] - sinceMs)}
end
redis.call('HSET', KEYS[1], 'beganAtMs', now)
return {1, tonumber(delayMs or -1)}
