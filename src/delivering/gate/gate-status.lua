-- Returns {milliseconds since the breaker opened, milliseconds until the pause ends, 1 if the URL is
-- gone}; -1, -1 and 0 if the webhook is not held, not paused, or not gone. Ends all three for an
-- operator, if asked to, and returns what ended. `heldSince` stays: the first success logs that the
-- webhook is back. So only `heldUntil` shows that it is held.
-- KEYS: gate
-- ARGV: digest of the webhook's URL, what ends: 'none', 'all', or 'held' for all if it is held
local gate, url, ends = KEYS[1], ARGV[1], ARGV[2]
local state = redis.call('HMGET', gate, 'heldUntil', 'heldSince', 'pausedUntil', 'pauseMs', 'goneUrl')
local heldUntil, heldSince, pausedUntil, pauseMs, goneUrl = unpack(state)
if ends == 'held' and not heldUntil then return {-1, -1, 0} end
if ends ~= 'none' then
  redis.call('HDEL', gate, 'failures', 'failedKeys', 'heldUntil', 'holdMs', 'probeUntil', 'pausedUntil', 'pauseMs',
    'goneUrl')
end
local pausedForMs = math.min(tonumber(pausedUntil or 0) - now, tonumber(pauseMs or 3600000))
return {heldUntil and math.max(0, now - heldSince) or -1, pausedForMs > 0 and pausedForMs or -1, goneUrl == url and 1 or 0}
