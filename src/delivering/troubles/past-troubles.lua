-- Goes after now.lua, before a script that ends a trouble.
local MAX_PAST = 10

-- Keeps a trouble that is over: since when it was found, and until when.
local function keepPast(past, cause, trouble)
  redis.call('LPUSH', past, cjson.encode({cause = cause, sinceMs = math.min(trouble.sinceMs, now), untilMs = now}))
  redis.call('LTRIM', past, 0, MAX_PAST - 1)
end
