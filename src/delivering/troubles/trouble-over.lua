-- Asks what has to be queued at the end of a trouble. Ends the trouble if no alert of it was queued.
-- Goes after now.lua and past-troubles.lua.
-- KEYS: the troubles, those that are over
-- ARGV: cause, milliseconds for which the trouble must not have been found, milliseconds that it must last
--       before its alert
-- Returns nothing if the trouble is unknown, or not over. Otherwise {time of the alert that may not be
-- queued yet or '', time of the alert that the all-clear ends or ''}.
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept then return nil end
local trouble = cjson.decode(kept)
local quietForMs = now - trouble.seenMs
-- Below zero the clock went back.
if quietForMs >= 0 and quietForMs < tonumber(ARGV[2]) then return nil end
if not trouble.dueMs and not trouble.alertedMs then
  redis.call('HDEL', KEYS[1], ARGV[1])
  -- Its alert was not due again within the hour.
  if trouble.seenMs - trouble.sinceMs >= tonumber(ARGV[3]) then keepPast(KEYS[2], ARGV[1], trouble) end
  return nil
end
local function text(ms) return ms and string.format('%.0f', ms) or '' end
return {text(trouble.dueMs), text(trouble.dueMs or trouble.alertedMs)}
