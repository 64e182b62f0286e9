-- Records that the alert of a trouble is queued, or its all-clear. Goes after now.lua and
-- past-troubles.lua.
-- KEYS: the troubles, the key that exists after an alert with this cause, the troubles that are over
-- ARGV: cause, time of the alert, milliseconds until the next alert with this cause, 1 if the trouble
--       goes on, otherwise 0
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept then return end
local trouble, atMs = cjson.decode(kept), tonumber(ARGV[2])
-- Another replica was faster, and the trouble has been found again since.
if (trouble.dueMs or trouble.alertedMs) ~= atMs then return end
if trouble.dueMs then redis.call('SET', KEYS[2], '1', 'PX', ARGV[3]) end
if ARGV[4] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  keepPast(KEYS[3], ARGV[1], trouble)
else
  trouble.alertedMs, trouble.dueMs = atMs, nil
  redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(trouble))
end
