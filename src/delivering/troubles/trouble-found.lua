-- Records that a trouble was found, before its alert is queued. Goes after now.lua.
-- KEYS: the troubles, the key that exists after an alert with this cause
-- ARGV: cause, milliseconds that the trouble must last before its alert, milliseconds until the next alert
--       with this cause, time of the replica
-- Returns the time of the alert that has to be queued; '' if none is due.
local cause, patienceMs, quietMs, replicaMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local kept = redis.call('HGET', KEYS[1], cause)
local trouble = kept and cjson.decode(kept) or {sinceMs = now}
-- From before the clock went back.
if trouble.sinceMs > now then trouble.sinceMs = now end
trouble.seenMs = now
local leftMs = redis.call('PTTL', KEYS[2])
local recent = leftMs > 0 and leftMs <= quietMs
-- An alert that is due stays due until it is queued, with the same time: replicas that find the trouble
-- together, or after a crash, queue the same one.
if not trouble.dueMs and not recent and now - trouble.sinceMs >= patienceMs then trouble.dueMs = replicaMs end
redis.call('HSET', KEYS[1], cause, cjson.encode(trouble))
return trouble.dueMs and string.format('%.0f', trouble.dueMs) or ''
