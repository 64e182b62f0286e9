-- Removes jobs of a queue in a step of a bounded size, all but those that a replica has locked. Once none
-- is left, removes the bookkeeping of the queue too.
--
-- KEYS[1]  wait: ids of jobs
-- KEYS[2]  delayed: ids of jobs, by the time when each is due
-- KEYS[3]  failed: ids of jobs, by the time when each failed
-- KEYS[4]  active: ids of jobs
-- KEYS[5...] bookkeeping
-- ARGV[1]  prefix of the queue's keys
-- ARGV[2]  the most jobs to remove
--
-- Returns {removed waiting, delayed, failed, left under way}. One whose replica died counts as waiting.
local wait, delayed, failed, active, prefix, room = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], tonumber(ARGV[2])

local function remove(ids, each)
  local count = 0
  for i = 1, #ids, each do
    redis.call('DEL', prefix .. ids[i])
    count = count + 1
  end
  room = room - count
  return count
end

local left = {}
for _, id in ipairs(redis.call('LRANGE', active, 0, room - 1)) do
  if redis.call('EXISTS', prefix .. id .. ':lock') == 0 then left[#left + 1] = id end
end
for _, id in ipairs(left) do redis.call('LREM', active, 1, id) end
local removed = {remove(left, 1), 0, 0}
if room > 0 then removed[1] = removed[1] + remove(redis.call('LPOP', wait, room) or {}, 1) end
if room > 0 then removed[2] = remove(redis.call('ZPOPMIN', delayed, room), 2) end
if room > 0 then removed[3] = remove(redis.call('ZPOPMIN', failed, room), 2) end
local underWay = redis.call('LLEN', active)
if room > 0 and underWay == 0 then
  for i = 5, #KEYS do redis.call('DEL', KEYS[i]) end
end
return {removed[1], removed[2], removed[3], underWay}
