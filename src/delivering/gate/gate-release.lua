-- Ends a hold and a pause for an operator. Returns {for how long the webhook had been held, for how
-- long it would still have been paused}, in milliseconds, each -1 if it was not. `heldSince` stays:
-- the first success logs that the webhook is back.
-- KEYS: gate
local gate = KEYS[1]
local state = redis.call('HMGET', gate, 'heldUntil', 'heldSince', 'pausedUntil')
local pausedForMs = tonumber(state[3] or 0) - now
redis.call('HDEL', gate, 'failures', 'heldUntil', 'holdMs', 'probeUntil', 'pausedUntil')
return {state[1] and now - state[2] or -1, pausedForMs > 0 and pausedForMs or -1}
