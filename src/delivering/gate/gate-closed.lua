-- Returns the milliseconds until an attempt at a webhook is allowed; 0 if now. Changes nothing.
-- KEYS: gate
local closedMs, _, nextAt = closed(KEYS[1], false)
return math.max(closedMs, nextAt - now)
