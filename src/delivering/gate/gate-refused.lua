-- Counts a failed attempt and opens the breaker after too many of different deliveries. Returns
-- {milliseconds until the next probe or -1, 1 if this opened the breaker, failures in a row}.
-- KEYS: gate
-- ARGV: failures and different deliveries that open the breaker, milliseconds of the first hold, of
--       the longest, 1 for a probe, key of the delivery (of a batch: of its first one)
local gate = KEYS[1]
local minFailures, minDifferent = tonumber(ARGV[1]), tonumber(ARGV[2])
local firstHoldMs, maxHoldMs, probe, key = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1', ARGV[6]
local failures = redis.call('HINCRBY', gate, 'failures', 1)
local holdMs = tonumber(redis.call('HGET', gate, 'holdMs') or 0)
if holdMs == 0 then
  local failed = redis.call('HGET', gate, 'failedKeys') or ''
  local _, different = string.gsub(failed, '%S+', '')
  if different < minDifferent and not string.find(failed, key, 1, true) then
    redis.call('HSET', gate, 'failedKeys', failed .. ' ' .. key)
    different = different + 1
  end
  if failures < minFailures or different < minDifferent then return {-1, 0, failures} end
  redis.call('HSET', gate, 'heldSince', now, 'heldUntil', now + firstHoldMs, 'holdMs', firstHoldMs)
  return {firstHoldMs, 1, failures}
end
-- Attempts that were under way when the breaker opened do not prolong the hold.
if not probe then
  local leftMs = redis.call('HGET', gate, 'heldUntil') - now
  return {math.max(1, math.min(leftMs, maxHoldMs)), 0, failures}
end
holdMs = math.min(2 * holdMs, maxHoldMs)
redis.call('HSET', gate, 'heldUntil', now + holdMs, 'holdMs', holdMs)
redis.call('HDEL', gate, 'probeUntil')
return {holdMs, 0, failures}
