-- Returns the time since the last tick in milliseconds, or nothing. Goes after now.lua.
--
-- KEYS[1]  tick
local last = redis.call('GET', KEYS[1])
return last and now - last
