-- Ends a hold and a pause for an operator, also that of a URL that is gone. Returns {for how long the
-- webhook had been held, for how long it would still have been paused}, in milliseconds, each -1 if it
-- was not, and the digest of the URL that was gone, or ''. `heldSince` stays: the first success logs
-- that the webhook is back.
-- KEYS: gate
local gate = KEYS[1]
local state = redis.call('HMGET', gate, 'heldUntil', 'heldSince', 'pausedUntil', 'pauseMs', 'goneUrl')
local pausedForMs = math.min(tonumber(state[3] or 0) - now, tonumber(state[4] or 3600000))
redis.call('HDEL', gate, 'failures', 'failedKeys', 'heldUntil', 'holdMs', 'probeUntil', 'pausedUntil', 'pauseMs',
  'goneUrl')
return {state[1] and math.max(0, now - state[2]) or -1, pausedForMs > 0 and pausedForMs or -1, state[5] or ''}
