-- Returns {milliseconds since the breaker opened, milliseconds until the pause ends, digest of the URL
-- that is gone}; -1, -1 and '' if the webhook is not held, not paused, or not gone. After a manual
-- release `heldSince` still exists: only `heldUntil` shows that it is held.
-- KEYS: gate
local state = redis.call('HMGET', KEYS[1], 'heldUntil', 'heldSince', 'pausedUntil', 'pauseMs', 'goneUrl')
local pausedForMs = tonumber(state[3] or 0) - now
if state[4] then pausedForMs = math.min(pausedForMs, tonumber(state[4])) end
return {state[1] and math.max(0, now - state[2]) or -1, pausedForMs > 0 and pausedForMs or -1, state[5] or ''}
