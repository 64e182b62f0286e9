-- Removes jobs of a queue in a step of a bounded size, all but those that a replica has locked. Once none
-- is left, removes the bookkeeping of the queue too.
--
-- KEYS[1]  wait: ids of jobs
-- KEYS[2]  delayed: ids of jobs, by the time when each is due
-- KEYS[3]  failed: ids of jobs, by the time when each failed
-- KEYS[4]  active: ids of jobs
-- KEYS[5]  what commands changed: records that no replica has logged yet
-- KEYS[6...] bookkeeping
-- ARGV[1]  prefix of the queue's keys
-- ARGV[2]  the most jobs to remove
-- ARGV[3]  the most records to keep
-- ARGV[4]  start of this run's record, up to its counts
-- ARGV[5...7] waiting, delayed and failed jobs that the record has so far
--
-- Returns {removed waiting, delayed, failed, left under way, and the three counts of the record}. One whose
-- replica died counts as waiting.
local wait, delayed, failed, active, records = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local prefix, room = ARGV[1], tonumber(ARGV[2])

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
  for i = 6, #KEYS do redis.call('DEL', KEYS[i]) end
end

-- A run that is killed has recorded what it removed. Its record grows until a replica takes it; then
-- another begins.
local function record(counts)
  return string.format('%s,"waiting":%d,"retrying":%d,"failed":%d}', ARGV[4], unpack(counts))
end
local counts = {ARGV[5], ARGV[6], ARGV[7]}
if redis.call('LREM', records, -1, record(counts)) == 0 then counts = {0, 0, 0} end
for i = 1, 3 do counts[i] = counts[i] + removed[i] end
redis.call('RPUSH', records, record(counts))
redis.call('LTRIM', records, -ARGV[3], -1)
return {removed[1], removed[2], removed[3], underWay, counts[1], counts[2], counts[3]}
