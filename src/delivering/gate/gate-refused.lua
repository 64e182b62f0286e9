-- Counts a failed attempt and opens the breaker after too many. Returns {milliseconds until the
-- next probe or -1, 1 if this opened the breaker, failures in a row}.
-- KEYS: gate
-- ARGV: failures that open the breaker, milliseconds of the first hold, of the longest, 1 for a probe
local gate = KEYS[1]
local threshold, firstHoldMs, maxHoldMs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local failures = redis.call('HINCRBY', gate, 'failures', 1)
local holdMs = tonumber(redis.call('HGET', gate, 'holdMs') or 0)
if holdMs == 0 then
  if failures < threshold then return {-1, 0, failures} end
  redis.call('HSET', gate, 'heldSince', now, 'heldUntil', now + firstHoldMs, 'holdMs', firstHoldMs)
  return {firstHoldMs, 1, failures}
end
-- Attempts that were under way when the breaker opened do not prolong the hold.
if ARGV[4] == '0' then
  return {math.max(1, redis.call('HGET', gate, 'heldUntil') - now), 0, failures}
end
holdMs = math.min(2 * holdMs, maxHoldMs)
redis.call('HSET', gate, 'heldUntil', now + holdMs, 'holdMs', holdMs)
redis.call('HDEL', gate, 'probeUntil')
return {holdMs, 0, failures}
