-- Brings an alert to the head of a queue whose other jobs may not be taken. Searches the jobs that became
-- due last, and both ends of those that wait: at the head are jobs that were put back, at the end those
-- that became due before.
--
-- KEYS[1]  wait: ids of jobs; the last one is taken first
-- KEYS[2]  delayed: ids of jobs, by the time when each is due (BullMQ: getDelayedScore.lua)
-- ARGV[1]  prefix of the queue's keys
-- ARGV[2]  the time of the replica
--
-- Returns 1 if an alert is at the head, otherwise 0.
local SCORES_PER_MS = 4096
local MOST = 100
-- The relay writes this field first.
local ALERT = '{"kind":"alert"'
local wait, delayed, prefix = KEYS[1], KEYS[2], ARGV[1]

local function isAlert(id)
  local data = redis.pcall('HGET', prefix .. id, 'data')
  return type(data) == 'string' and string.sub(data, 1, #ALERT) == ALERT
end

local due = string.format('%.0f', (ARGV[2] + 1) * SCORES_PER_MS - 1)
for _, id in ipairs(redis.call('ZREVRANGEBYSCORE', delayed, due, '-inf', 'LIMIT', 0, MOST)) do
  if isAlert(id) then
    redis.call('ZREM', delayed, id)
    redis.call('HSET', prefix .. id, 'delay', 0)
    redis.call('RPUSH', wait, id)
  end
end

for _, ends in ipairs({{-MOST, -1}, {0, MOST - 1}}) do
  local ids = redis.call('LRANGE', wait, ends[1], ends[2])
  for i = #ids, 1, -1 do
    if isAlert(ids[i]) then
      redis.call('LREM', wait, -1, ids[i])
      redis.call('RPUSH', wait, ids[i])
      return 1
    end
  end
end
return 0
