-- Returns the milliseconds until an attempt at a webhook is allowed; 0 if now.
-- KEYS: gate
-- ARGV: those of gate-state.lua
local closedMs, _, pacedMs = closed(KEYS[1], false)
return math.max(closedMs, pacedMs)
