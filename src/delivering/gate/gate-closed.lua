-- Returns for how long a webhook may not be tried, in milliseconds. Changes nothing.
-- KEYS: gate
local closedMs, _, nextAt = closed(KEYS[1], false)
return math.max(closedMs, nextAt - now)
